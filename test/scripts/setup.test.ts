import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { generateClient } from '../../scripts/prisma/generate-client.mjs';
import { missingDependencies } from '../../scripts/setup/dependencies.mjs';
import { requireNodeVersion } from '../../scripts/setup/node-version.mjs';
import { temporaryDirectory } from './fixtures.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the dependencies', () => {
  const LOCKED = {
    '': { version: '1.0.0' },
    'packages/own': { version: '0.1.0' },
    'node_modules/own': { resolved: 'packages/own', link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-o', optional: true },
  };

  async function install(installed: Record<string, object> | undefined): Promise<string> {
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, 'package-lock.json'), JSON.stringify({ packages: LOCKED }));
    if (!installed) return directory;
    for (const name of Object.keys(installed)) await mkdir(path.join(directory, name), { recursive: true });
    await writeFile(
      path.join(directory, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );
    return directory;
  }

  const { '': _, 'node_modules/other-platform': __, ...INSTALLED } = LOCKED;

  test('are missing on a fresh clone, and when npm was interrupted', async () => {
    expect(await missingDependencies(await install(undefined))).toEqual(['node_modules/own', 'node_modules/a']);
  });

  test('are there when npm has installed what is locked; those of other platforms do not count', async () => {
    expect(await missingDependencies(await install(INSTALLED))).toEqual([]);
  });

  test('are missing when the lock was changed', async () => {
    const changed = { ...INSTALLED, 'node_modules/a': { version: '0.9.0', integrity: 'sha512-b' } };
    expect(await missingDependencies(await install(changed))).toEqual(['node_modules/a']);
  });

  test('are missing when somebody removed one', async () => {
    const directory = await install(INSTALLED);
    await rm(path.join(directory, 'node_modules', 'a'), { recursive: true });
    expect(await missingDependencies(directory)).toEqual(['node_modules/a']);
  });
});

test('an old Node.js is refused with words', () => {
  expect(() => requireNodeVersion('20.18.3')).toThrow('Node.js 20.19 or newer is needed, this is 20.18.3');
  expect(() => requireNodeVersion('18.20.0')).toThrow();
  expect(() => requireNodeVersion('20.19.0')).not.toThrow();
  expect(() => requireNodeVersion('22.1.0')).not.toThrow();
});

describe('the Prisma client', () => {
  const output = path.join('packages', 'shared', 'src', 'generated', 'prisma');

  test('is generated from the schema as it is, once, and old files go', async () => {
    const directory = await temporaryDirectory();
    await cp(path.join(root, 'prisma', 'schema.prisma'), path.join(directory, 'prisma', 'schema.prisma'));
    expect((await generateClient({ root: directory })).generated).toBe(true);
    const client = await readFile(path.join(directory, output, 'client.ts'), 'utf8');
    expect(client).toContain('PrismaClient');
    expect((await generateClient({ root: directory })).generated).toBe(false);

    await writeFile(path.join(directory, output, 'models', 'Vanished.ts'), '');
    const schema = await readFile(path.join(directory, 'prisma', 'schema.prisma'), 'utf8');
    await writeFile(path.join(directory, 'prisma', 'schema.prisma'), `${schema}\nmodel Extra {\n  id Int @id\n}\n`);
    // Two builds at once.
    await Promise.all([generateClient({ root: directory }), generateClient({ root: directory })]);
    const models = await readdir(path.join(directory, output, 'models'));
    expect(models).toContain('Extra.ts');
    expect(models).not.toContain('Vanished.ts');
    expect(await readdir(path.join(directory, '.cache'))).toEqual([]);
  });

  test('a schema with an error is refused in the words of Prisma, and the old client stays', async () => {
    const directory = await temporaryDirectory();
    await cp(path.join(root, 'prisma', 'schema.prisma'), path.join(directory, 'prisma', 'schema.prisma'));
    await generateClient({ root: directory });
    await writeFile(path.join(directory, 'prisma', 'schema.prisma'), 'model Broken {');
    await expect(generateClient({ root: directory })).rejects.toThrow('Error validating');
    expect((await stat(path.join(directory, output, 'client.ts'))).isFile()).toBe(true);
  });

  test('can be asked for from any directory', async () => {
    const elsewhere = await mkdtemp(path.join(root, '.cache', 'elsewhere-'));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path.join(root, 'scripts', 'prisma.mjs'), 'validate'],
      {
        cwd: elsewhere,
      },
    );
    expect(stdout).toContain('is valid');
  });
});
