import { copyIn, type ProtocolStatement } from '@penstock/postgresql';
import type { PoolClient, QueryResultRow } from 'pg';
import { isRowError, translateError } from './database-error.js';

export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onClosed?: () => void;
}

/**
 * A session that was taken out of a pool. An aborted signal destroys it at once, whatever it is doing; all that it is asked
 * from then on fails with the signal's reason. It never reconnects. Whatever is asked of it once it is closed throws: the connection may be
 * somebody else's by then.
 */
export class Session {
  readonly #client: PoolClient;
  readonly #signal: AbortSignal | undefined;
  readonly #onClosed: (() => void) | undefined;
  /** Whether something happened after which nobody else should use the session. */
  #spoiled = false;
  #closed = false;
  /** Whether a statement may be waiting for its reader. */
  #streaming = false;
  readonly #destroy = (): void => {
    this.#spoiled = true;
    this.#client.connection.stream.destroy();
  };
  readonly #spoil = (): void => {
    this.#spoiled = true;
  };

  constructor(client: PoolClient, { signal, onClosed }: SessionOptions = {}) {
    this.#client = client;
    this.#signal = signal;
    this.#onClosed = onClosed;
    // Without a listener a connection that breaks while it is idle would end the process.
    client.on('error', this.#spoil);
    signal?.addEventListener('abort', this.#destroy, { once: true });
  }

  get isSpoiled(): boolean {
    return this.#spoiled;
  }

  /** Throws the signal's reason once it has aborted. */
  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /** Runs a statement and returns its rows. Throws AppErrors, see {@link translateError}. */
  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const result = await this.#translated(() => this.#client.query<Row>(text, [...values]));
    return result.rows;
  }

  /** Runs a statement and returns the number of rows that it touched. */
  async execute(text: string, values: readonly unknown[] = []): Promise<number> {
    const result = await this.#translated(() => this.#client.query(text, [...values]));
    return result.rowCount ?? 0;
  }

  /** Runs `COPY … FROM STDIN` with all of its data. */
  async copyIn(text: string, data: readonly Buffer[]): Promise<void> {
    await this.#translated(() => copyIn(this.#client, text, data));
  }

  /** Runs a statement that speaks the protocol itself. Closing the session meanwhile ends it: whoever reads may have stopped. */
  async run(statement: ProtocolStatement): Promise<void> {
    this.#streaming = true;
    await this.#translated(() => {
      this.#client.query(statement);
      return statement.done;
    });
    this.#streaming = false;
  }

  /** Runs statements in one transaction; the connection is given up when not even the rollback works. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.query('BEGIN');
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      // Once it is given back, the connection is somebody else's.
      if (!this.#closed) await this.#client.query('ROLLBACK').catch(this.#destroy);
      throw error;
    }
  }

  /** Gives the session back to its pool, or ends it when it was spoiled. Idempotent, never throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#streaming) this.#destroy();
    if (!this.#spoiled) await this.#client.query('DISCARD ALL').catch(this.#spoil);
    this.#signal?.removeEventListener('abort', this.#destroy);
    this.#client.removeListener('error', this.#spoil);
    this.#client.release(this.#spoiled);
    this.#onClosed?.();
  }

  /** As {@link close}, for a session that may be in a transaction: it is rolled back. */
  async closeTransaction(): Promise<void> {
    if (!this.#closed && !this.#streaming && !this.#spoiled) await this.#client.query('ROLLBACK').catch(this.#spoil);
    await this.close();
  }

  /** Ends the session at once, whatever it is doing. Idempotent, never throws. */
  async abandon(): Promise<void> {
    this.#destroy();
    await this.close();
  }

  async #translated<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#signal?.throwIfAborted();
    if (this.#closed) throw new Error('the session has been closed');
    try {
      return await work();
    } catch (error) {
      if (!isRowError(error)) this.#spoiled = true;
      this.#signal?.throwIfAborted();
      throw translateError(error);
    }
  }
}
