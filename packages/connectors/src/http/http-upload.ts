import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { stopSignal } from '@penstock/domain';
import { asDestinationError, notNow } from '../files/destination-error.js';
import type { FileUpload } from '../files/file-storage.js';
import { UploadContent } from '../files/upload-content.js';
import { writeBytes } from '../files/write-bytes.js';
import { type ExchangeOptions, HttpExchange, type HttpRequest } from './exchange.js';
import { shownUrl } from './file-url.js';
import { postProblem } from './post-status.js';

const BUFFER_BYTES = 256 * 1024;

/** A file that is sent as it is produced. Until `commit` its last byte is missing, of which the server is told by how bodies end. */
export class HttpUpload implements FileUpload {
  readonly content: UploadContent;
  readonly #url: URL;
  readonly #body = new PassThrough({ highWaterMark: BUFFER_BYTES });
  readonly #stop = new AbortController();
  readonly #answer: Promise<HttpExchange>;
  readonly #release: () => void;
  #committing = false;
  #early: unknown = null;

  constructor(request: HttpRequest, options: ExchangeOptions) {
    this.#url = request.url;
    const sink = { take: (chunk: Buffer) => this.#take(chunk), end: async () => undefined };
    this.content = new UploadContent(sink, { signal: options.signal, bufferBytes: BUFFER_BYTES });
    this.content.on('error', (error) => this.#body.destroy(error));
    this.#body.on('error', () => undefined);
    const stop = stopSignal([options.signal, this.#stop.signal]);
    this.#release = stop.release;
    this.#answer = HttpExchange.start({ ...request, body: this.#body }, { ...options, signal: stop.signal });
    this.#answer.then(
      (exchange) => this.#answeredEarly(postProblem(exchange) ?? tooEarly(this.#url)),
      (error: unknown) => this.#answeredEarly(asDestinationError(error)),
    );
  }

  async commit(): Promise<void> {
    this.#committing = true;
    try {
      if (this.#early !== null) throw this.#early;
      this.#body.end();
      const exchange = await this.#answer;
      const problem = postProblem(exchange);
      await exchange.end();
      if (problem !== null) throw problem;
    } catch (error) {
      throw asDestinationError(error);
    } finally {
      this.#release();
    }
  }

  async discard(): Promise<void> {
    this.content.destroy();
    this.#body.destroy();
    this.#stop.abort();
    this.#release();
    await this.#answer.then(
      (exchange) => exchange.end(),
      () => undefined,
    );
    if (!this.#body.closed) await once(this.#body, 'close');
  }

  /** A body that was broken off was so because of the answer, or because there is none. */
  async #take(chunk: Buffer): Promise<void> {
    await writeBytes(this.#body, chunk).catch(async (error: unknown) => {
      await this.#answer.catch((reason: unknown) => {
        throw asDestinationError(reason);
      });
      throw this.#early ?? error;
    });
  }

  /** Whatever it is, nobody wants the rest. */
  #answeredEarly(error: unknown): void {
    if (this.#committing) return;
    this.#early = error;
    this.content.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function tooEarly(url: URL): Error {
  return notNow(`${shownUrl(url)}: the server answered before it had got the whole file; try again later`);
}
