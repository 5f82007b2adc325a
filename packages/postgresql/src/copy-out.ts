import { isUtf8 } from 'node:buffer';
import type { RecordFailure } from '@penstock/domain';
import { BatchQueue } from '@penstock/engine';
import type { Connection } from 'pg';
import { CopyFrames, type FrameSink } from './copy-frames.js';
import { splitRow } from './copy-text.js';
import { ProtocolStatement, sendStatement } from './protocol-statement.js';

/** A row of more bytes is not read: it fails alone, and the memory of a worker stays bounded. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;

const OVERSIZED: RecordFailure = {
  step: 'Receive',
  code: 'RecordTooLarge',
  message: `record is larger than ${MAX_ROW_BYTES / 1024 / 1024} MiB`,
  key: null,
};
const NOT_UTF8: RecordFailure = {
  step: 'Receive',
  code: 'InvalidEncoding',
  message: 'record is not valid UTF-8',
  key: null,
};

export interface CopyOutOptions {
  /** A COPY to STDOUT, in text form. */
  readonly statement: string;
  readonly columns: number;
  /** The server does not vouch for the encoding of what it sends. */
  readonly checkUtf8: boolean;
}

type DataListener = (chunk: Buffer) => void;

/**
 * Reads a COPY to STDOUT. The rows are taken off the socket before `pg` sees them, which would make an object of each; all
 * other messages are handed to it. While the consumer is busy, the socket is paused, and in the end the server waits.
 */
export class CopyOut extends ProtocolStatement implements FrameSink {
  readonly batches = new BatchQueue();
  readonly #options: CopyOutOptions;
  readonly #frames = new CopyFrames(this, MAX_ROW_BYTES);
  #connection: Connection | null = null;
  #forward: DataListener = () => {};
  #received = 0;
  #announced = '';

  constructor(options: CopyOutOptions) {
    super();
    this.#options = options;
    this.done.then(
      () => this.#end(),
      (error: unknown) => this.batches.fail(error),
    );
  }

  /** Lets the server go on after the consumer has taken a batch. */
  resume(): void {
    if (!this.batches.full) this.#connection?.stream.resume();
  }

  protected send(connection: Connection): void {
    this.#connection = connection;
    const [listener] = connection.stream.listeners('data');
    this.#forward = (chunk) => listener?.call(connection.stream, chunk);
    this.#replaceListener(listener as DataListener, this.#take);
    sendStatement(connection, this.#options.statement);
  }

  override handleCommandComplete({ text }: { readonly text: string }): void {
    this.#announced = text;
  }

  /** After an error the connection is thrown away, and `pg` goes on getting what is left by way of {@link other}. */
  override handleReadyForQuery(): void {
    this.#replaceListener(this.#take, this.#forward);
    super.handleReadyForQuery();
  }

  row(chunk: Buffer, start: number, end: number): void {
    this.#received += 1;
    const { checkUtf8, columns } = this.#options;
    if (checkUtf8 && !isUtf8(chunk.subarray(start, end))) this.batches.addUnreadable(NOT_UTF8);
    else this.batches.addRow(splitRow(chunk.toString('utf8', start, end), columns), end - start);
  }

  oversized(): void {
    this.#received += 1;
    this.batches.addUnreadable(OVERSIZED);
  }

  other(message: Buffer): void {
    this.#forward(message);
  }

  readonly #take = (chunk: Buffer): void => {
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.#connection?.stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.batches.full) this.#connection?.stream.pause();
  };

  #replaceListener(current: DataListener, next: DataListener): void {
    this.#connection?.stream.removeListener('data', current);
    this.#connection?.stream.on('data', next);
  }

  /** The server says how many rows it has sent. */
  #end(): void {
    if (this.#announced === `COPY ${this.#received}`) this.batches.end();
    else this.batches.fail(new Error(`received ${this.#received} rows, but the server says ${this.#announced}`));
  }
}
