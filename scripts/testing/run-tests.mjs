import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from '../files/private-json.mjs';
import { repositoryRoot } from '../paths.mjs';
import { build } from '../setup/build.mjs';
import { runChild } from './run-child.mjs';
import { provideRunServices } from './run-services.mjs';

/** Nothing of it outlives the run, so nothing has to survive a power cut. */
const POSTGRES_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '300',
  max_wal_size: '4GB',
};

/**
 * Builds, and runs vitest with services of its own.
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {readonly string[]} args for vitest
 * @returns {Promise<{ code: number, report: import('./summary.mjs').Report | undefined }>}
 */
export async function runTests(lifetime, args) {
  await build(lifetime.signal);
  const options = { base: tmpdir(), postgresSettings: POSTGRES_SETTINGS, env: process.env };
  const { directory, env } = await provideRunServices(lifetime, options);
  const reportFile = path.join(directory, 'report.json');
  const vitest = path.join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const code = await runChild(lifetime, { name: 'vitest', args: [vitest, 'run', ...reporters, ...args], env });
  return { code, report: await readJson(reportFile) };
}
