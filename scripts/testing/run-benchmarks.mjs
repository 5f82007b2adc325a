import path from 'node:path';
import { cacheDirectory } from '../paths.mjs';
import { build } from '../setup/build.mjs';
import { runChild } from './run-child.mjs';
import { provideRunServices } from './run-services.mjs';

/** A database that keeps its promises: fsync stays on. */
const POSTGRES_SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB', max_connections: '300' };

/**
 * Builds, and runs the benchmarks with services of their own.
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {readonly string[]} args for the benchmarks
 * @returns {Promise<number>} the exit code
 */
export async function runBenchmarks(lifetime, args) {
  await build(lifetime.signal);
  // Not in the system's directory for temporary files, which may be in memory.
  const base = path.join(cacheDirectory, 'bench');
  const { env } = await provideRunServices(lifetime, { base, postgresSettings: POSTGRES_SETTINGS, env: process.env });
  const program = path.join('bench', 'main.ts');
  return runChild(lifetime, { name: 'the benchmarks', args: ['--import', 'tsx', program, ...args], env });
}
