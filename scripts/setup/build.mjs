import path from 'node:path';
import { cacheDirectory, repositoryRoot } from '../paths.mjs';
import { withLock } from '../processes/lock.mjs';
import { runCommand } from '../processes/run-command.mjs';

/**
 * Builds every package and application; what is built already is not built again. Prints nothing unless it fails.
 * @param {AbortSignal} [signal]
 */
export async function build(signal) {
  const lock = path.join(cacheDirectory, 'build.lock');
  await withLock(lock, { timeoutMs: 600_000, what: 'waiting for another process that builds' }, async () => {
    const turbo = path.join(repositoryRoot, 'node_modules', '.bin', 'turbo');
    await runCommand([turbo, 'run', 'build', '--output-logs=errors-only', '--no-update-notifier'], {
      cwd: repositoryRoot,
      signal,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    });
  });
}
