import { AppError } from '@penstock/domain';
import { connectError } from './connect-error.js';
import { MysqlSession } from './session.js';
import type { MysqlSettings } from './settings.js';

/** Does something in a session that is used once. Throws AppError `SourceUnavailable` or `SourceRefused`. */
export async function withSession<T>(
  settings: MysqlSettings,
  signal: AbortSignal,
  work: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  const session = await MysqlSession.connect(settings, signal);
  const destroy = () => void session.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    return await work(session);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : connectError(error, settings);
  } finally {
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}
