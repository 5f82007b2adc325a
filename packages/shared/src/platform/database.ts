import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';

/**
 * The control database. Prisma and hand-written SQL share one pool, so that the number of connections is one setting.
 * Hand-written SQL is for what Prisma cannot say (locks, conditional updates) and for the paths where its cost shows.
 */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
  /** After this time the database ends a session that idles in a transaction. */
  readonly idleInTransactionMs?: number;
}

/** No statement of ours on the control database takes this long; one that does hangs on a lock or a dead network. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Whoever holds a row longer is in trouble; those who wait must not all be. */
const LOCK_TIMEOUT_MS = 5_000;
/**
 * A process that stands still (SIGSTOP, a frozen machine) in the middle of a transaction would hold its locks for as long as
 * it stands: the database ends its session, so that nobody waits for it.
 */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

export function createDatabase(options: DatabaseOptions): Database {
  const { url, poolSize, applicationName, idleInTransactionMs = IDLE_IN_TRANSACTION_TIMEOUT_MS } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  });
  // A connection that breaks, idle or between two statements of a transaction, shows with its next use and is replaced by the
  // pool; without listeners it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { prisma, pool, close: () => (closed ??= close()) };
}

/** Attempts at a transaction that PostgreSQL chose as the victim of a deadlock. */
const MAX_ATTEMPTS = 3;
const DEADLOCK = '40P01';

/** Runs `work` in a transaction on one connection; any error rolls it back. After a deadlock it is run again. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runTransaction(pool, work);
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function runTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** PostgreSQL's SQLSTATE of an error, where it is one of PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export const FOREIGN_KEY_VIOLATION = '23503';
export const UNIQUE_VIOLATION = '23505';
