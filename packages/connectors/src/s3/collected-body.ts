import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';

/** How long one waits for the beginning of an answer, and for more of it. */
export const ANSWER_TIMEOUT_MS = 12_000;
/** A list of 1,000 keys of the greatest length has less than 6 MB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** An answer that is longer than any of S3 is. */
export class EndlessAnswer extends Error {}

/**
 * The body of an answer that is taken into memory as a whole. It fails with {@link EndlessAnswer} when it is too long, and with a
 * system error `ETIMEDOUT` when it stops coming; both close the connection.
 */
export class CollectedBody extends Transform {
  readonly #timer = setTimeout(() => this.#late(), ANSWER_TIMEOUT_MS).unref();
  #received = 0;

  static of(body: Readable): CollectedBody {
    const collected = new CollectedBody();
    // Whoever collects it is told, too.
    pipeline(body, collected, () => undefined);
    return collected.on('error', () => undefined);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#received += chunk.length;
    this.#timer.refresh();
    if (this.#received > MAX_BYTES) callback(new EndlessAnswer('the answer is too long'));
    else callback(null, chunk);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    callback(error);
  }

  #late(): void {
    this.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
  }
}
