import type { SourceBatch, SourceColumn, SourceReader } from '@penstock/engine';
import { CopyOut } from '@penstock/postgresql';
import type { Lease } from '../connection-pool.js';
import type { ColumnPlan } from './columns.js';
import { type QueryErrorContext, queryError } from './query-error.js';
import type { PostgresqlSession } from './session.js';
import { type CopyStatement, copyStatement } from './statement.js';

/** A query that is ready to be read: its transaction has begun and its columns are known. */
export interface PreparedRead {
  readonly lease: Lease<PostgresqlSession>;
  readonly plan: ColumnPlan;
  /** How many columns the query returns. */
  readonly fields: number;
  readonly limit: number | null;
  readonly context: QueryErrorContext;
}

const CLOSED = 'the reader was closed';

/** Reads a query of PostgreSQL by COPY. */
export class PostgresqlReader implements SourceReader {
  readonly columns: readonly SourceColumn[];
  /** Columns that are left out, and why. */
  readonly issues: readonly string[];
  readonly #read: PreparedRead;
  readonly #signal: AbortSignal;
  readonly #statement: CopyStatement;
  #copy: CopyOut | null = null;
  #complete = false;
  #closed = false;

  constructor(read: PreparedRead, signal: AbortSignal) {
    this.columns = read.plan.columns;
    this.issues = read.plan.issues;
    this.#read = read;
    this.#signal = signal;
    const { fields, limit, plan, context } = read;
    this.#statement = copyStatement(context.query, { columns: fields, kept: plan.kept, limit });
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    const copy = this.#start();
    try {
      for (let batch = await this.#take(copy); batch !== null; batch = await this.#take(copy)) yield batch;
      this.#complete = true;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#closed = true;
    const { lease } = this.#read;
    if (this.#copy === null || this.#complete) return lease.release();
    this.#copy.batches.fail(new Error(CLOSED));
    lease.discard();
  }

  #start(): CopyOut {
    if (this.#copy !== null) throw new Error('batches of a reader can be read only once');
    // The connection may be somebody else's by now.
    if (this.#closed) throw new Error(CLOSED);
    const { connection } = this.#read.lease;
    const copy = new CopyOut({
      statement: this.#statement.text,
      columns: this.columns.length,
      checkUtf8: !connection.server.knowsEncoding,
    });
    this.#copy = copy;
    this.#signal.throwIfAborted();
    // Whoever takes batches gets its error.
    connection.execute(copy).catch(() => undefined);
    return copy;
  }

  async #take(copy: CopyOut): Promise<SourceBatch | null> {
    try {
      const batch = await copy.batches.take();
      copy.resume();
      return batch;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw queryError(error, { ...this.#read.context, offset: this.#statement.offset });
    }
  }

  readonly #abort = (): void => {
    this.#copy?.batches.fail(this.#signal.reason);
    this.#read.lease.discard();
  };
}
