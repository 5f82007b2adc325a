import { isDeepStrictEqual } from 'node:util';
import type { SourceBatch, SourceColumn, SourceReader } from '@penstock/engine';
import type { Lease } from '../connection-pool.js';
import { type ColumnPlan, planColumns } from './columns.js';
import type { FieldDefinition } from './field-definition.js';
import type { PrepareQuery } from './prepare-query.js';
import { type QueryErrorContext, queryError } from './query-error.js';
import { ReadRows } from './read-rows.js';
import type { WireColumn } from './row-reader.js';
import type { MysqlSession } from './session.js';

/** A query that is ready to be read: its transaction has begun and its columns are known. */
export interface PreparedRead {
  readonly lease: Lease<MysqlSession>;
  readonly plan: ColumnPlan;
  readonly prepared: PrepareQuery;
  readonly limit: number | null;
  readonly context: QueryErrorContext;
}

const CLOSED = 'the reader was closed';

/** Reads a prepared query of MySQL. */
export class MysqlReader implements SourceReader {
  readonly columns: readonly SourceColumn[];
  /** Columns that are left out, and why. */
  readonly issues: readonly string[];
  readonly #read: PreparedRead;
  readonly #signal: AbortSignal;
  #rows: ReadRows | null = null;
  #executed: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(read: PreparedRead, signal: AbortSignal) {
    this.columns = read.plan.columns;
    this.issues = read.plan.issues;
    this.#read = read;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    const rows = this.#start();
    const { batches } = rows;
    try {
      for (let batch = await this.#take(batches); batch !== null; batch = await this.#take(batches)) yield batch;
      // The session can be used again when it has said so itself.
      if (rows.complete) await this.#executed;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#closed = true;
    const { lease } = this.#read;
    this.#rows?.batches.fail(new Error(CLOSED));
    // A read that is not complete, also one that came to its limit, leaves a session that still sends.
    if (lease.connection.usable) lease.release();
    else lease.discard();
  }

  #start(): ReadRows {
    if (this.#rows !== null) throw new Error('batches of a reader can be read only once');
    // The connection may be somebody else's by now.
    if (this.#closed) throw new Error(CLOSED);
    const { lease, prepared, limit } = this.#read;
    const rows = new ReadRows({ wiresOf: this.#wiresOf, limit, onFull: () => lease.connection.pause() });
    this.#rows = rows;
    this.#signal.throwIfAborted();
    this.#executed = lease.connection.execute(prepared, rows).catch((error: unknown) => rows.batches.fail(error));
    return rows;
  }

  async #take(batches: ReadRows['batches']): Promise<SourceBatch | null> {
    try {
      const batch = await batches.take();
      if (!batches.full) this.#read.lease.connection.resume();
      return batch;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw queryError(error, this.#read.context);
    }
  }

  /** A server describes a query again when it executes it; the values are as it says then. */
  readonly #wiresOf = (fields: readonly FieldDefinition[]): readonly WireColumn[] | null => {
    const { columns, wires } = planColumns(fields);
    return isDeepStrictEqual(columns, this.columns) ? wires : null;
  };

  readonly #abort = (): void => {
    this.#rows?.batches.fail(this.#signal.reason);
    this.#read.lease.discard();
  };
}
