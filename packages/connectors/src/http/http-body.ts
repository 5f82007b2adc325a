import { Readable } from 'node:stream';
import { AppError } from '@penstock/domain';
import type { HttpExchange } from './exchange.js';
import { shownUrl } from './file-url.js';
import { httpError } from './http-error.js';

/** Bytes that wait for who reads. */
const BUFFER_BYTES = 256 * 1024;

/** What of a body is wanted. */
export interface BodyPart {
  /** Bytes at its beginning that are not. */
  readonly skip: number;
  /** Bytes that it must have without those; null when nobody knows. */
  readonly length: number | null;
}

/** The body of an answer. It ends only after its last byte, where the server says how many there are; its end is that of the exchange. */
export class HttpBody extends Readable {
  readonly #exchange: HttpExchange;
  readonly #signal: AbortSignal;
  readonly #length: number | null;
  #skip: number;
  #delivered = 0;

  constructor(exchange: HttpExchange, { skip, length }: BodyPart, signal: AbortSignal) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#exchange = exchange;
    this.#signal = signal;
    this.#skip = skip;
    this.#length = length;
    const { body } = exchange.response;
    body.on('data', (chunk: Buffer) => this.#receive(chunk));
    body.on('end', () => this.#complete());
    // Never without an end or an error before: undici sees to it.
    body.on('error', (error) => this.#fail(error));
    body.pause();
  }

  override _read(): void {
    this.#exchange.response.body.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#exchange.end().then(
      () => callback(error),
      () => callback(error),
    );
  }

  #receive(chunk: Buffer): void {
    const wanted = this.#skip === 0 ? chunk : chunk.subarray(this.#skip);
    this.#skip -= chunk.length - wanted.length;
    if (wanted.length === 0) return;
    this.#delivered += wanted.length;
    if (!this.push(wanted)) this.#exchange.response.body.pause();
  }

  #complete(): void {
    const { failure, hasExcess, url } = this.#exchange;
    if (this.#length === null && failure !== null) this.#fail(failure);
    else if (this.#hasAll() && !hasExcess) this.push(null);
    else this.destroy(wrongLength(url));
  }

  #fail(error: unknown): void {
    if (this.destroyed) return;
    const { aborted, reason } = this.#signal;
    if (!aborted) this.destroy(httpError(error, this.#exchange.url));
    else this.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #hasAll(): boolean {
    return this.#length === null ? this.#skip === 0 : this.#delivered === this.#length;
  }
}

function wrongLength(url: URL): AppError {
  const message = `${shownUrl(url)}: the server sent fewer or more bytes than it had announced; try again later`;
  return new AppError('SourceUnavailable', { message });
}
