import { Pool, type PoolClient } from 'pg';
import { translateError } from './database-error.js';
import type { PostgresqlSettings } from './postgresql-settings.js';
import { Session } from './session.js';

export interface WarehousePoolOptions {
  /** Greatest number of sessions that this process has to one warehouse. */
  readonly sessionsPerWarehouse?: number;
  /** An idle session is ended after this time. */
  readonly idleMs?: number;
  /** How long a connection, or a free session, is waited for. */
  readonly connectTimeoutMs?: number;
}

const DEFAULT_SESSIONS = 12;
const DEFAULT_IDLE_MS = 5 * 60_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * All sessions of this process to warehouses. They outlive runs: opening one costs a handshake and a server process, which is
 * more than a whole run that has nothing to do.
 */
export class WarehousePools {
  readonly #options: WarehousePoolOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #inUse = new Set<Session>();
  #closed = false;

  constructor(options: WarehousePoolOptions) {
    this.#options = options;
  }

  /** A session that nobody else uses. Throws AppErrors: WarehouseUnavailable, WarehouseRefused. */
  async session(settings: PostgresqlSettings, signal?: AbortSignal): Promise<Session> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('warehouse pools are closed');
    try {
      const client = await connectUnlessAborted(this.#pool(settings), signal);
      const session: Session = new Session(client, { signal, onClosed: () => this.#inUse.delete(session) });
      this.#inUse.add(session);
      return session;
    } catch (error) {
      signal?.throwIfAborted();
      throw translateError(error);
    }
  }

  /** Runs work with a session and gives it back afterwards; an aborted signal ends it at once. */
  async withSession<Result>(
    settings: PostgresqlSettings,
    work: (session: Session) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const session = await this.session(settings, signal);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** Ends all sessions, also those in use: whoever wants to end well has closed them before. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all([...this.#inUse].map((session) => session.abandon()));
    await Promise.all(pools.map((pool) => pool.end()));
  }

  #pool(settings: PostgresqlSettings): Pool {
    // The schema is not part of a session: warehouses in one database share their sessions.
    const { schema: _, ...server } = settings;
    const key = JSON.stringify(server);
    const existing = this.#pools.get(key);
    if (existing !== undefined) return existing;
    const pool = this.#newPool(server);
    // A pool that broke an idle session has removed it; without a listener the process would end.
    pool.on('error', () => {});
    pool.on('remove', () => {
      if (pool.totalCount === 0 && this.#pools.get(key) === pool) this.#pools.delete(key);
    });
    this.#pools.set(key, pool);
    return pool;
  }

  #newPool({ username, tls, ...server }: Omit<PostgresqlSettings, 'schema'>): Pool {
    return new Pool({
      ...server,
      user: username,
      ssl: tls === 'disable' ? false : { rejectUnauthorized: tls === 'verify-full' },
      application_name: 'penstock',
      keepAlive: true,
      // Before what is between forgets a connection on which nothing is said while a destination writes.
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      max: this.#options.sessionsPerWarehouse ?? DEFAULT_SESSIONS,
      idleTimeoutMillis: this.#options.idleMs ?? DEFAULT_IDLE_MS,
      connectionTimeoutMillis: this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      // Idle sessions must not keep a process alive that has nothing else to do.
      allowExitOnIdle: true,
    });
  }
}

/** Creates the registry of sessions; its lifetime is that of the process. */
export function createWarehousePools(options: WarehousePoolOptions = {}): WarehousePools {
  return new WarehousePools(options);
}

/** Stops waiting when the signal aborts; a session that comes later goes straight back. */
async function connectUnlessAborted(pool: Pool, signal?: AbortSignal): Promise<PoolClient> {
  const connecting = pool.connect();
  if (signal === undefined) return connecting;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([connecting, aborted]);
  } catch (error) {
    connecting.then((client) => client.release()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
