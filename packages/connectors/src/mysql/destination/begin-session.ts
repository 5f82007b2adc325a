import { asDestinationError } from '../../files/destination-error.js';
import { MysqlSession } from '../session.js';
import type { MysqlSettings } from '../settings.js';

/** A lock that somebody else holds for longer ends the wait; batches are tried again. */
const LOCK_SECONDS = 30;
/** A session waits, idle, while the engine reads. */
const IDLE_SECONDS = 24 * 60 * 60;
/**
 * What does not fit is refused and never cut; zeros are zeros; and a backslash in a text is a backslash. What triggers do has the mode that
 * they were created with.
 */
const SQL_MODE = [
  'STRICT_ALL_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_BACKSLASH_ESCAPES',
].join(',');

const SETTINGS = [
  `sql_mode = '${SQL_MODE}'`,
  "time_zone = '+00:00'",
  'autocommit = 1',
  'foreign_key_checks = 1',
  'unique_checks = 1',
  'sql_safe_updates = 0',
  'sql_auto_is_null = 0',
  'sql_big_selects = 1',
  'sql_select_limit = 18446744073709551615',
  'group_concat_max_len = 1048576',
  `wait_timeout = ${IDLE_SECONDS}`,
  `lock_wait_timeout = ${LOCK_SECONDS}`,
  `innodb_lock_wait_timeout = ${LOCK_SECONDS}`,
].join(', ');

/** A session that writes. Throws AppError `DestinationUnavailable` or `DestinationRefused`, or the reason of the signal. */
export async function connectToWrite(settings: MysqlSettings, signal: AbortSignal): Promise<MysqlSession> {
  return await MysqlSession.connect(settings, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw asDestinationError(error);
  });
}

/** Sets up the session. */
export async function beginSession(session: MysqlSession): Promise<void> {
  await session.query('SET NAMES utf8mb4');
  await session.query(`SET ${SETTINGS} /*!50708 , max_execution_time = 0 */ /*M!100100 , max_statement_time = 0 */`);
  const [format] = await session.query("SHOW VARIABLES LIKE 'binlog_format'");
  // What others insert between our rows is none of our business; but a log of statements cannot repeat that.
  const level = format?.[1] === 'STATEMENT' ? 'REPEATABLE READ' : 'READ COMMITTED';
  await session.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${level}, READ WRITE`);
}
