import { createRequire } from 'node:module';
import path from 'node:path';

/** The file that Prisma's command line starts from. */
export function prismaCommand() {
  const packageFile = createRequire(import.meta.url).resolve('prisma/package.json');
  return path.join(path.dirname(packageFile), 'build', 'index.js');
}

/** The version of the installed Prisma. */
export function prismaVersion() {
  return /** @type {string} */ (createRequire(import.meta.url)('prisma/package.json').version);
}

/** No update checks, no reports home. */
export function prismaEnvironment() {
  return { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
}

/**
 * For commands that never run the schema engine. The command line downloads it before anything else, which fails
 * offline; any existing file in its place will do.
 */
export function engineEnvironment(env = process.env) {
  return { PRISMA_SCHEMA_ENGINE_BINARY: env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath };
}
