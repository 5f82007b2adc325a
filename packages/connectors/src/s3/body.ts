import { Readable } from 'node:stream';
import type { AppError } from '@penstock/domain';
import { ANSWER_TIMEOUT_MS } from './collected-body.js';

/** In the middle of a transfer. */
const IDLE_TIMEOUT_MS = 30_000;
const BUFFER_BYTES = 64 * 1024;

export interface BodyOptions {
  /** Bytes that must come; null when the service did not say. */
  readonly expected: number | null;
  readonly signal: AbortSignal;
  /** Makes what the user is told of a transfer that failed. */
  readonly explain: (error: unknown) => AppError;
}

/**
 * The body of an answer, with its length verified, and a limit for the time in which nothing comes though it is wanted. What
 * destroys it, or aborts the signal, closes the connection.
 */
export class S3Body extends Readable {
  readonly #body: Readable;
  readonly #options: BodyOptions;
  readonly #onAbort: () => void;
  #received = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(body: Readable, options: BodyOptions) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#body = body;
    this.#options = options;
    this.#onAbort = () => this.destroy(reasonOf(options.signal));
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    body.on('data', (chunk: Buffer) => this.#receive(chunk));
    body.on('end', () => this.#finish());
    body.on('error', (error) => this.destroy(options.explain(error)));
    body.on('close', () => {
      if (!body.readableEnded) this.destroy(this.#cutShort());
    });
    body.pause();
    if (options.signal.aborted) this.#onAbort();
  }

  override _read(): void {
    this.#body.resume();
    this.#expectMore();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#stopTimer();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#body.destroy();
    callback(error);
  }

  #receive(chunk: Buffer): void {
    // It has begun: from now on there is more time.
    if (this.#received === 0) this.#stopTimer();
    this.#received += chunk.length;
    const { expected } = this.#options;
    if (expected !== null && this.#received > expected) this.destroy(this.#cutShort());
    else if (this.push(chunk)) this.#expectMore().refresh();
    else {
      this.#stopTimer();
      this.#body.pause();
    }
  }

  #finish(): void {
    this.#stopTimer();
    const { expected } = this.#options;
    if (expected === null || this.#received === expected) this.push(null);
    else this.destroy(this.#cutShort());
  }

  #expectMore(): NodeJS.Timeout {
    this.#timer ??= setTimeout(() => this.#late(), this.#received === 0 ? ANSWER_TIMEOUT_MS : IDLE_TIMEOUT_MS);
    return this.#timer;
  }

  #late(): void {
    this.destroy(this.#options.explain(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
  }

  #cutShort(): AppError {
    return this.#options.explain(Object.assign(new Error('cut short'), { code: 'ECONNRESET' }));
  }

  #stopTimer(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
