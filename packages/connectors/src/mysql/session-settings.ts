/** How long things may take at the server. */
export interface ReadLimits {
  /** 0 is without limit. */
  readonly statementSeconds: number;
  readonly lockSeconds: number;
}

/** A run has limits of its own, which see whether it makes progress; those of the server would cut long reads short. */
export const RUN_LIMITS: ReadLimits = { statementSeconds: 0, lockSeconds: 30 };

export const PREVIEW_LIMITS: ReadLimits = { statementSeconds: 30, lockSeconds: 5 };

/** A worker that was stopped must not keep a transaction of somebody's database open. */
const IDLE_SECONDS = 5 * 60;
/** How long the server waits for us to take what it sends: a run that is busy writing lets it wait. */
const WRITE_SECONDS = 60 * 60;
const NO_LIMIT = '18446744073709551615';

/**
 * Statements that set up the session for one read. What a query means is left as the server has it, with its `sql_mode`; what
 * would cut a result short, write its values in other ways or lock rows is set. The limits of time are of MySQL and MariaDB,
 * each in a comment that only that one executes.
 */
export function sessionStatements({ statementSeconds, lockSeconds }: ReadLimits, limit: number | null): string[] {
  const settings = [
    "time_zone = '+00:00'",
    'sql_auto_is_null = 0',
    'sql_big_selects = 1',
    `sql_select_limit = ${limit ?? NO_LIMIT}`,
    `wait_timeout = ${IDLE_SECONDS}`,
    `net_write_timeout = ${WRITE_SECONDS}`,
    `lock_wait_timeout = ${lockSeconds}`,
    `innodb_lock_wait_timeout = ${lockSeconds}`,
  ];
  const limits = `/*!50708 , max_execution_time = ${statementSeconds * 1_000} */ /*M!100100 , max_statement_time = ${statementSeconds} */`;
  return [
    'SET NAMES utf8mb4',
    `SET ${settings.join(', ')} ${limits}`,
    // SERIALIZABLE would lock every row that is read.
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    'START TRANSACTION READ ONLY',
  ];
}

/** How the session reads texts in quotes. */
export const SQL_MODE = 'SELECT @@sql_mode';
