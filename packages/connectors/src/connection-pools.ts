import {
  ConnectionPool,
  DEFAULT_POOL_LIMITS,
  type Lease,
  type PooledConnection,
  type PoolLimits,
} from './connection-pool.js';

/** How one kind of connection is made. One object per connector: it tells the pools' contents apart. */
export interface Driver<S, C extends PooledConnection> {
  connect(settings: S, signal: AbortSignal): Promise<C>;
}

/** The connections that the runs of a process reuse, by connector and settings. Has a lifetime: whoever makes it closes it. */
export class ConnectionPools {
  readonly #limits: PoolLimits;
  readonly #pools = new Map<object, Map<string, ConnectionPool<PooledConnection>>>();
  #closed = false;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** Connections that are open and that nobody uses. */
  get idle(): number {
    return this.#all().reduce((sum, pool) => sum + pool.idle, 0);
  }

  /** A connection with the given settings, idle or new. Throws what connecting throws, or the reason of the signal. */
  async lease<S, C extends PooledConnection>(
    driver: Driver<S, C>,
    settings: S,
    signal: AbortSignal,
  ): Promise<Lease<C>> {
    if (this.#closed) throw new Error('connection pools are closed');
    this.#forgetEmpty();
    return await this.#poolOf(driver, settings).lease(signal);
  }

  /** Ends all connections, also those in use. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all().map((pool) => pool.close()));
  }

  #all(): ConnectionPool<PooledConnection>[] {
    return [...this.#pools.values()].flatMap((pools) => [...pools.values()]);
  }

  #poolOf<S, C extends PooledConnection>(driver: Driver<S, C>, settings: S): ConnectionPool<C> {
    const key = JSON.stringify(settings);
    const pools = this.#pools.get(driver) ?? new Map<string, ConnectionPool<PooledConnection>>();
    this.#pools.set(driver, pools);
    const connect = (signal: AbortSignal) => driver.connect(settings, signal);
    const pool = pools.get(key) ?? new ConnectionPool<PooledConnection>(connect, this.#limits);
    pools.set(key, pool);
    // Below a driver are only pools that were made with it.
    return pool as unknown as ConnectionPool<C>;
  }

  /** Settings that are no longer used, with their secrets, must not stay in memory for as long as the process lives. */
  #forgetEmpty(): void {
    for (const pools of this.#pools.values()) {
      for (const [key, pool] of pools) if (pool.empty) pools.delete(key);
    }
  }
}

/** Pools for one process. Runs wait for a connection when `maxLeases` are in use with the same settings. */
export function createConnectionPools(limits: Partial<PoolLimits> = {}): ConnectionPools {
  return new ConnectionPools({ ...DEFAULT_POOL_LIMITS, ...limits });
}
