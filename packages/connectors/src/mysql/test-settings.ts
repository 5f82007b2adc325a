import type { MysqlSettings } from './settings.js';
import { withSession } from './with-session.js';

/**
 * Logs in and uses the database. Throws AppError `SourceUnavailable` or `SourceRefused` with a sentence that names the setting
 * to look at.
 */
export async function testMysql(settings: MysqlSettings, signal: AbortSignal): Promise<void> {
  await withSession(settings, signal, (session) => session.query('SELECT 1'));
}
