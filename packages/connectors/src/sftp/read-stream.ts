import { Readable } from 'node:stream';
import { changed } from '../files/resuming-stream.js';
import { answerError, answerMissing, connectionLost } from './connect-error.js';
import { closeHandle } from './find-files.js';
import { operationError } from './operation-error.js';
import { ANSWER_TIMEOUT_MS, type SftpSession } from './session.js';

/** What all servers can answer at once. */
const BLOCK_BYTES = 32 * 1024;
/** One at a time, a file is read no faster than a block for each time that the network needs there and back. */
const MAX_BLOCKS = 32;

/** A file of a server that is open. */
export interface RemoteFile {
  readonly path: string;
  readonly handle: Buffer;
  readonly size: number;
}

/** A part of the file: asked for, or there and waiting for its turn. */
interface Block {
  readonly bytes: Buffer;
  readonly position: number;
  filled: number;
}

/**
 * The bytes of a file from an offset to the size that it had when it was opened: what is appended meanwhile is for another time;
 * a file that has become shorter is an error. Keeps several requests under way, and at most {@link MAX_BLOCKS} blocks in memory.
 * Destroying it, and an aborted signal, closes the file.
 */
export class SftpReadStream extends Readable {
  readonly #session: SftpSession;
  readonly #file: RemoteFile;
  readonly #signal: AbortSignal;
  readonly #blocks: Block[] = [];
  readonly #forget: () => void;
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | null = null;
  #next: number;
  #asked = 0;
  #wanted = false;

  constructor(session: SftpSession, file: RemoteFile, { offset, signal }: { offset: number; signal: AbortSignal }) {
    super({ highWaterMark: 2 * BLOCK_BYTES });
    this.#session = session;
    this.#file = file;
    this.#signal = signal;
    this.#next = offset;
    this.#forget = session.onEnd(() => this.destroy(connectionLost(session.settings)));
    this.#onAbort = () => this.destroy(asError(signal.reason));
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#forget();
    this.#signal.removeEventListener('abort', this.#onAbort);
    clearTimeout(this.#timer ?? undefined);
    this.#blocks.length = 0;
    closeHandle(this.#session, this.#file.handle);
    callback(error);
  }

  /** Hands on what is complete, in its order, and asks for more in its place. */
  #deliver(): void {
    for (let first = this.#blocks[0]; this.#wanted && isComplete(first); first = this.#blocks[0]) {
      this.#blocks.shift();
      this.#wanted = this.push(first.bytes);
    }
    if (this.destroyed) return;
    while (this.#blocks.length < MAX_BLOCKS && this.#next < this.#file.size) {
      const bytes = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, this.#file.size - this.#next));
      const block = { bytes, position: this.#next, filled: 0 };
      this.#next += bytes.length;
      this.#blocks.push(block);
      this.#ask(block);
    }
    if (this.#wanted && this.#blocks.length === 0) this.push(null);
  }

  #ask(block: Block): void {
    const { bytes, position, filled } = block;
    this.#asked += 1;
    this.#expectAnswer();
    const answer = (error: Error | null | undefined, count: number) => this.#answered(block, error, count);
    this.#session.sftp.read(this.#file.handle, bytes, filled, bytes.length - filled, position + filled, answer);
  }

  #answered(block: Block, error: Error | null | undefined, count: number): void {
    this.#asked -= 1;
    if (this.destroyed) return;
    if (error) this.#fail(error);
    else if (count === 0) this.destroy(changed(this.#file.path));
    else this.#fill(block, count);
  }

  #fill(block: Block, count: number): void {
    block.filled += count;
    this.#expectAnswer();
    // A server may send less than it was asked for.
    if (!isComplete(block)) this.#ask(block);
    else if (block === this.#blocks[0]) this.#deliver();
  }

  /** Whenever there is an answer, the time for the next one begins anew. */
  #expectAnswer(): void {
    if (this.#timer !== null) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#late(), ANSWER_TIMEOUT_MS);
  }

  #late(): void {
    this.#timer = null;
    if (this.#asked === 0) return;
    this.destroy(answerMissing(this.#session.settings));
    this.#session.destroy();
  }

  #fail(error: Error): void {
    const { settings } = this.#session;
    this.destroy(asError(operationError(answerError(error, settings), settings, this.#file.path)));
  }
}

function isComplete(block: Block | undefined): block is Block {
  return block !== undefined && block.filled === block.bytes.length;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
