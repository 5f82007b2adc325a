/**
 * The chunks of a content, one after the other. An abort ends a wait for the next one at once, whether the content notices it
 * or not.
 */
export class ByteInput {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  #endWait: ((reason: unknown) => void) | null = null;
  #state: 'open' | 'ended' | 'closed' = 'open';

  constructor(content: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#iterator = content[Symbol.asyncIterator]();
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** null after the last chunk. Throws what the content throws, and the reason of an abort. */
  async next(): Promise<Uint8Array | null> {
    this.#signal.throwIfAborted();
    if (this.#state === 'closed') throw new Error('the reader was closed');
    if (this.#state === 'ended') return null;
    const result = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      this.#endWait = reject;
      this.#iterator.next().then(resolve, reject);
    });
    this.#endWait = null;
    if (result.done !== true) return result.value;
    this.#state = 'ended';
    return null;
  }

  /** Idempotent, never throws. A content that has not answered yet is told, but not waited for again. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    const { state, endWait } = { state: this.#state, endWait: this.#endWait };
    this.#state = 'closed';
    if (state !== 'open') return;
    endWait?.(new Error('the reader was closed'));
    const returned = this.#return();
    if (endWait === null) await returned;
  }

  async #return(): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch {
      // Nobody reads it any more.
    }
  }

  readonly #abort = (): void => {
    this.#endWait?.(this.#signal.reason);
  };
}
