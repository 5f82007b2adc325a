import { Writable } from 'node:stream';

/** Takes bytes, one call at a time. */
export interface ByteSink {
  /** Resolves when it wants more. */
  take(chunk: Buffer): Promise<void>;
  /** All bytes have come; resolves when all of them have been taken. */
  end(): Promise<void>;
}

export interface UploadOptions {
  /** Destroys the stream, with its reason. */
  readonly signal: AbortSignal;
  /** Bytes that wait for the sink before whoever writes is held back. They come to it together. */
  readonly bufferBytes: number;
}

/** The stream of an upload. It is destroyed with what its sink throws. */
export class UploadContent extends Writable {
  readonly #sink: ByteSink;
  readonly #signal: AbortSignal;
  #working: Promise<void> = Promise.resolve();

  constructor(sink: ByteSink, { signal, bufferBytes }: UploadOptions) {
    super({ highWaterMark: bufferBytes, decodeStrings: true });
    this.#sink = sink;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  /** Resolves, always, when the sink has nothing under way any more. */
  async settled(): Promise<void> {
    await this.#working.catch(() => undefined);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    this.#work(() => this.#sink.take(chunk), callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error) => void): void {
    const [first] = chunks;
    const all = chunks.length === 1 && first ? first.chunk : Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#work(() => this.#sink.take(all), callback);
  }

  override _final(callback: (error?: Error) => void): void {
    this.#work(() => this.#sink.end(), callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#signal.removeEventListener('abort', this.#abort);
    callback(error);
  }

  #work(action: () => Promise<void>, callback: (error?: Error) => void): void {
    this.#working = action();
    this.#working.then(
      () => callback(),
      (error: unknown) => callback(asError(error)),
    );
  }

  readonly #abort = (): void => {
    this.destroy(asError(this.#signal.reason));
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
