/** A connection that several runs use one after the other. */
export interface PooledConnection {
  /** False once it is broken, destroyed or in the middle of something. */
  readonly usable: boolean;
  /** Undoes everything that its last user did to the session. Throws when that is not possible. */
  reset(): Promise<void>;
  /** Ends it at once, with whatever it is doing at the other end. Resolves when that is done, never throws. */
  destroy(): Promise<void>;
}

/** The right to use a connection until it is released or discarded; the first of the two counts. */
export interface Lease<C> {
  readonly connection: C;
  /** It had another user before, and may have been lost since without anybody noticing. */
  readonly reused: boolean;
  /** Gives the connection back. It is reset and reused, unless it is no longer usable. */
  release(): void;
  /** Ends the connection: after an error, or in the middle of something. */
  discard(): void;
}

export interface PoolLimits {
  /** Connections in use at a time; whoever comes later waits. */
  readonly maxLeases: number;
  /** How long a connection that nobody uses stays open. */
  readonly idleTimeoutMs: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = { maxLeases: 10, idleTimeoutMs: 30_000 };

interface Idle<C> {
  readonly connection: C;
  readonly timer: NodeJS.Timeout;
}

/** Connections of one kind to one place. The one that was used last is reused first, so that the others can expire. */
export class ConnectionPool<C extends PooledConnection> {
  readonly #connect: (signal: AbortSignal) => Promise<C>;
  readonly #limits: PoolLimits;
  readonly #idle: Idle<C>[] = [];
  readonly #leased = new Set<C>();
  readonly #waiting = new Set<() => void>();
  readonly #endings = new Set<Promise<void>>();
  #leases = 0;
  #closed = false;

  constructor(connect: (signal: AbortSignal) => Promise<C>, limits: PoolLimits) {
    this.#connect = connect;
    this.#limits = limits;
  }

  /** Connections that are open and that nobody uses. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Nobody uses it and nothing is kept open: it can be forgotten. */
  get empty(): boolean {
    return this.#leases === 0 && this.#idle.length === 0 && this.#waiting.size === 0;
  }

  /** Takes a connection that is idle, or connects. Throws what connecting throws, or the reason of the signal. */
  async lease(signal: AbortSignal): Promise<Lease<C>> {
    await this.#takeTurn(signal);
    const idle = this.#takeIdle();
    if (idle !== undefined) return this.#leaseOf(idle, true);
    try {
      return this.#leaseOf(await this.#connect(signal), false);
    } catch (error) {
      this.#endTurn();
      throw error;
    }
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { connection } of this.#idle.splice(0)) this.#end(connection);
    for (const connection of this.#leased) this.#end(connection);
    await Promise.all(this.#endings);
  }

  #leaseOf(connection: C, reused: boolean): Lease<C> {
    this.#leased.add(connection);
    if (this.#closed) this.#end(connection);
    let over = false;
    const once = (finish: () => void) => () => {
      if (!over) finish();
      over = true;
    };
    return {
      connection,
      reused,
      release: once(() => this.#track(this.#reset(connection))),
      discard: once(() => this.#retire(connection)),
    };
  }

  async #reset(connection: C): Promise<void> {
    try {
      await connection.reset();
    } catch {
      // A connection that cannot be reset is not usable, which decides below; whoever had it is done with it.
    }
    if (this.#closed || !connection.usable) return this.#retire(connection);
    const timer = setTimeout(() => this.#expire(connection), this.#limits.idleTimeoutMs);
    timer.unref();
    this.#idle.push({ connection, timer });
    this.#leased.delete(connection);
    this.#endTurn();
  }

  #retire(connection: C): void {
    this.#end(connection);
    this.#leased.delete(connection);
    this.#endTurn();
  }

  #expire(connection: C): void {
    const index = this.#idle.findIndex((idle) => idle.connection === connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#end(connection);
  }

  #end(connection: C): void {
    this.#track(connection.destroy());
  }

  /** `close` waits for everything that is still going on. */
  #track(ending: Promise<void>): void {
    const tracked: Promise<void> = ending.finally(() => this.#endings.delete(tracked));
    this.#endings.add(tracked);
  }

  #takeIdle(): C | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.connection.usable) return idle.connection;
      this.#end(idle.connection);
    }
    return undefined;
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#leases >= this.#limits.maxLeases) await this.#waitForTurn(signal);
    this.#leases += 1;
  }

  #waitForTurn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        this.#waiting.delete(wake);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(wake);
    });
  }

  #endTurn(): void {
    this.#leases -= 1;
    const [next] = this.#waiting;
    next?.();
  }
}
