import type { Lease, PooledConnection } from './connection-pool.js';

/**
 * Prepares something on a leased connection, which is handed on with the result. When that fails, or the signal is aborted
 * meanwhile, the lease is discarded; then it throws the reason of the signal, or what went wrong.
 */
export async function discardOnFailure<T>(
  lease: Lease<PooledConnection>,
  signal: AbortSignal,
  prepare: () => Promise<T>,
): Promise<T> {
  const discard = () => lease.discard();
  signal.addEventListener('abort', discard, { once: true });
  try {
    return await prepare();
  } catch (error) {
    discard();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', discard);
  }
}
