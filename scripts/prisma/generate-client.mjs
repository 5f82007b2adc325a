import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../paths.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { engineEnvironment, prismaCommand, prismaEnvironment, prismaVersion } from './command.mjs';

const schemaPath = path.join('prisma', 'schema.prisma');
const outputPath = path.join('packages', 'shared', 'src', 'generated', 'prisma');
// Next to the output, so that whatever restores or removes the one restores or removes the other.
const stampName = '.schema-hash';

/**
 * Generates the Prisma client unless it was generated from the same schema by the same Prisma. Safe to call from several
 * processes at once: a reader of the output finds every file whole at any moment.
 * @param {{ root?: string }} [options] the directory that holds `prisma/schema.prisma` and receives the client
 * @returns {Promise<{ generated: boolean, seconds: number }>}
 */
export async function generateClient({ root = repositoryRoot } = {}) {
  const started = performance.now();
  const schema = await readFile(path.join(root, schemaPath));
  const output = path.join(root, outputPath);
  const hash = createHash('sha256').update(prismaVersion()).update(schema).digest('hex');
  const stamp = await readFile(path.join(output, stampName), 'utf8').catch(() => '');
  if (stamp === hash) return { generated: false, seconds: 0 };

  // A copy of the schema at the same depth of an empty directory: its relative output path then leads into that directory.
  await mkdir(path.join(root, '.cache'), { recursive: true });
  const stage = await mkdtemp(path.join(root, '.cache', 'prisma-'));
  try {
    const stagedSchema = path.join(stage, schemaPath);
    await mkdir(path.dirname(stagedSchema));
    await writeFile(stagedSchema, schema);
    await runCommand([process.execPath, prismaCommand(), 'generate', '--schema', stagedSchema], {
      cwd: repositoryRoot,
      env: { ...prismaEnvironment(), ...engineEnvironment() },
    });
    await writeFile(path.join(stage, outputPath, stampName), hash);
    await moveFiles(path.join(stage, outputPath), output);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return { generated: true, seconds: (performance.now() - started) / 1000 };
}

/**
 * Moves every file over its old one, the stamp last, then removes the files that have no successor.
 * @param {string} from
 * @param {string} to
 */
async function moveFiles(from, to) {
  const files = await listFiles(from);
  for (const file of [...files.filter((name) => name !== stampName), stampName]) {
    await mkdir(path.dirname(path.join(to, file)), { recursive: true });
    await rename(path.join(from, file), path.join(to, file));
  }
  for (const file of await listFiles(to)) {
    if (!files.includes(file)) await rm(path.join(to, file), { force: true });
  }
}

/** @param {string} directory */
async function listFiles(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
}
