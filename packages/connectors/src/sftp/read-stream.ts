import { Readable } from 'node:stream';
import type { StoredFile } from '../files/file-storage.js';
import { changed } from '../files/resuming-stream.js';
import { answerError, answerMissing, connectionLost } from './connect-error.js';
import { closeHandle, storedFile } from './find-files.js';
import { operationError } from './operation-error.js';
import { ANSWER_TIMEOUT_MS, type SftpSession } from './session.js';

/** What all servers can answer at once. */
const BLOCK_BYTES = 32 * 1024;
/** One at a time, a file is read no faster than a block for each time that the network needs there and back. */
const MAX_BLOCKS = 32;

/** A file of a server that is open, as it was then. */
export interface RemoteFile extends Pick<StoredFile, 'path' | 'size' | 'version'> {
  readonly handle: Buffer;
}

/** A part of the file: asked for, or there and waiting for its turn. */
interface Block {
  bytes: Buffer;
  readonly position: number;
  filled: number;
}

/**
 * The bytes of a file from an offset to its end. Before that it asks once more what the file is like: one that was written to
 * meanwhile is an error, for what was read of it may be a mixture. Keeps several requests under way, and at most
 * {@link MAX_BLOCKS} blocks in memory; where the server does not say how long a file is, one at a time. Destroying it, and an
 * aborted signal, closes the file.
 */
export class SftpReadStream extends Readable {
  readonly #session: SftpSession;
  readonly #file: RemoteFile;
  readonly #signal: AbortSignal;
  readonly #blocks: Block[] = [];
  readonly #forget: () => void;
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | null = null;
  /** Where the file ends, as far as that is known. */
  #end: number;
  #next: number;
  #asked = 0;
  #wanted = false;
  #finishing = false;

  constructor(session: SftpSession, file: RemoteFile, { offset, signal }: { offset: number; signal: AbortSignal }) {
    super({ highWaterMark: 2 * BLOCK_BYTES });
    this.#session = session;
    this.#file = file;
    this.#signal = signal;
    this.#next = offset;
    this.#end = file.size ?? Number.POSITIVE_INFINITY;
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
      if (first.bytes.length > 0) this.#wanted = this.push(first.bytes);
    }
    if (this.destroyed) return;
    const mostBlocks = this.#file.size === null ? 1 : MAX_BLOCKS;
    while (this.#blocks.length < mostBlocks && this.#next < this.#end) {
      const bytes = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, this.#end - this.#next));
      const block = { bytes, position: this.#next, filled: 0 };
      this.#next += bytes.length;
      this.#blocks.push(block);
      this.#ask(block);
    }
    if (this.#wanted && this.#blocks.length === 0) this.#finish();
  }

  /** Ends with the last byte, if the file is still what it was when it was opened. */
  #finish(): void {
    if (this.#finishing) return;
    this.#finishing = true;
    this.#asked += 1;
    this.#expectAnswer();
    const { path, handle, version } = this.#file;
    this.#session.sftp.fstat(handle, (error, stats) => {
      this.#asked -= 1;
      if (this.destroyed) return;
      if (error) this.#fail(error);
      else if (storedFile(path, stats).version !== version) this.destroy(changed(path));
      else this.push(null);
    });
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
    else if (count > 0) this.#fill(block, count);
    else if (this.#file.size === null) this.#endAt(block);
    else this.destroy(changed(this.#file.path));
  }

  /** There is nothing after what the block has. */
  #endAt(block: Block): void {
    block.bytes = block.bytes.subarray(0, block.filled);
    this.#end = block.position + block.filled;
    this.#deliver();
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
