import { setImmediate as turn } from 'node:timers/promises';
import type { FileContent } from '../files/file-format.js';
import type { RecordParser } from './record-parser.js';
import type { ToUtf8 } from './to-utf8.js';

/** Bytes that are handed over at once, however large the chunks are, and after which others get their turn. */
const PIECE_BYTES = 256 * 1024;
const TURN_BYTES = 1024 * 1024;

const CLOSED = 'the reader was closed';

/** Hands the bytes of a file to its parser, piece by piece. */
export class CsvInput {
  readonly #content: FileContent;
  readonly #parser: RecordParser;
  readonly #toUtf8: ToUtf8;
  readonly #signal: AbortSignal;
  #chunks: AsyncIterator<Uint8Array> | null = null;
  #chunk: Uint8Array = Buffer.alloc(0);
  #bytesOfTurn = 0;
  #waiting = false;
  #endWait = (_error: unknown): void => {};
  #done = false;

  constructor(
    content: FileContent,
    to: { readonly parser: RecordParser; readonly toUtf8: ToUtf8 },
    signal: AbortSignal,
  ) {
    this.#content = content;
    this.#parser = to.parser;
    this.#toUtf8 = to.toUtf8;
    this.#signal = signal;
  }

  /** Hands more over; false when there is no more. */
  async more(): Promise<boolean> {
    if (this.#done) return false;
    if (this.#bytesOfTurn >= TURN_BYTES) {
      this.#bytesOfTurn = 0;
      await turn();
    }
    this.#signal.throwIfAborted();
    if (this.#chunk.length === 0) await this.#take();
    if (this.#done) return true;
    const piece = this.#chunk.subarray(0, PIECE_BYTES);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.#bytesOfTurn += piece.length;
    this.#parser.push(this.#toUtf8.write(piece));
    return true;
  }

  /** Ends the stream, and whoever waits for it; does not wait itself for one that stands still. */
  async close(): Promise<void> {
    this.#done = true;
    this.#endWait(new Error(CLOSED));
    this.#chunk = Buffer.alloc(0);
    const returned = this.#return().catch(() => undefined);
    if (!this.#waiting) await returned;
  }

  async #return(): Promise<void> {
    await this.#chunks?.return?.();
  }

  async #take(): Promise<void> {
    const { done, value } = await this.#nextChunk();
    if (!done) {
      this.#chunk = value;
      return;
    }
    this.#done = true;
    this.#parser.push(this.#toUtf8.end());
    this.#parser.end();
  }

  /** An aborted signal ends the wait: the stream may stand still. */
  async #nextChunk(): Promise<IteratorResult<Uint8Array>> {
    const abort = (): void => this.#endWait(this.#signal.reason);
    this.#chunks ??= this.#content.stream()[Symbol.asyncIterator]();
    const next = this.#chunks.next();
    this.#signal.addEventListener('abort', abort, { once: true });
    this.#waiting = true;
    try {
      // Not Promise.race: it would keep every chunk for as long as the signal lives.
      return await new Promise((resolve, reject) => {
        this.#endWait = reject;
        const arrived = (): void => {
          this.#waiting = false;
        };
        next.finally(arrived).then(resolve, reject);
      });
    } finally {
      this.#signal.removeEventListener('abort', abort);
    }
  }
}
