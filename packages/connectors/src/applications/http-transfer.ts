import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AppError } from '@penstock/domain';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { checkLiteralHost, guardedLookup } from '../files/network-guard.js';
import { HTTP_LIMITS } from '../http/exchange.js';
import { httpError } from '../http/http-error.js';

/** Most bytes of an answer, decompressed. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** How long an answer may take in all: a server that sends a byte now and then must not hold a run. */
const MAX_EXCHANGE_MS = 90_000;

/** A request as it goes on the wire. */
export interface WireRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Whether it may be sent again: otherwise it gets a connection of its own, as one that was kept may just be closing. */
  readonly canRepeat: boolean;
}

/** An answer with its whole body. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends requests through the network guard and reads bounded answers. Redirects are answers like others. */
export class HttpTransfer {
  readonly #allowPrivateNetworks: boolean;
  readonly #kept: Agent;
  readonly #single: Agent;

  constructor(allowPrivateNetworks: boolean) {
    this.#allowPrivateNetworks = allowPrivateNetworks;
    this.#kept = makeAgent(allowPrivateNetworks, {});
    // Without pipelining no connection is kept: the server is told so.
    this.#single = makeAgent(allowPrivateNetworks, { pipelining: 0 });
  }

  /**
   * Throws AppError `SourceUnavailable` or `SourceRefused`, {@link NeverSentError} in the place of the first where the server has not seen
   * the request, or the reason of the signal, within a second of its abort.
   */
  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    signal.throwIfAborted();
    checkLiteralHost(request.url.hostname, this.#allowPrivateNetworks);
    const ending = new AbortController();
    const abort = (): void => ending.abort();
    signal.addEventListener('abort', abort, { once: true });
    const late = sleep(MAX_EXCHANGE_MS, undefined, { signal: ending.signal });
    try {
      // While a connection is made undici does not look at the signal.
      const exchange = this.#exchange(request, ending.signal);
      return await Promise.race([exchange, late.then(() => Promise.reject(tooSlow(request.url)))]);
    } catch (error) {
      signal.throwIfAborted();
      throw explain(error, request.url);
    } finally {
      ending.abort();
      late.catch(() => undefined);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Idempotent, never throws. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#kept.destroy(), this.#single.destroy()]);
  }

  async #exchange({ url, method, headers, body, canRepeat }: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const agent = canRepeat ? this.#kept : this.#single;
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { 'user-agent': 'penstock', 'accept-encoding': 'gzip, deflate, br', ...headers },
      body,
      signal,
    });
    return { status: response.statusCode, headers: response.headers, body: await readBody(response, url) };
  }
}

/** A request that never reached the server: it may be sent again, whatever it does. */
export class NeverSentError extends AppError {
  constructor(error: AppError) {
    super(error.code, { message: error.message, cause: error.cause });
  }
}

function makeAgent(allowPrivateNetworks: boolean, options: Agent.Options): Agent {
  const connect = buildConnector({ lookup: guardedLookup(allowPrivateNetworks), timeout: HTTP_LIMITS.connectMs });
  return new Agent({
    ...options,
    connect,
    headersTimeout: HTTP_LIMITS.bodyMs,
    bodyTimeout: HTTP_LIMITS.bodyMs,
    maxHeaderSize: 64 * 1024,
  });
}

async function readBody({ headers, body }: Dispatcher.ResponseData, url: URL): Promise<string> {
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const bytes: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
    const first = await bytes.next();
    // What has no body (HEAD, 204, 304) may still say how it would have been encoded.
    if (first.done === true) return '';
    for await (const chunk of decoded(continued(first.value, bytes), encoding, url)) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) throw tooLarge(url);
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks));
}

/** Bytes of which the first were taken already. */
async function* continued(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function decoded(body: AsyncIterable<Buffer>, encoding: string, url: URL): AsyncIterable<Buffer> {
  if (encoding === 'identity' || encoding === '') return body;
  const decoders: Readonly<Record<string, (() => NodeJS.ReadWriteStream) | undefined>> = {
    gzip: createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  };
  const decoder = decoders[encoding]?.();
  if (decoder === undefined) {
    const message = `${url.host} compresses its answers in a way that it was not asked for`;
    throw new AppError('SourceRefused', { message });
  }
  // What the connection says ends the decoder, too, so that a cut is not taken for the end.
  const source = Readable.from(body);
  source.on('error', (error) => decoder.emit('error', error));
  return source.pipe(decoder) as unknown as AsyncIterable<Buffer>;
}

function tooLarge(url: URL): AppError {
  const MIB = 1024 * 1024;
  const message = `${url.host} sent an answer larger than ${MAX_ANSWER_BYTES / MIB} MiB: ask for smaller pages`;
  return new AppError('SourceRefused', { message });
}

function tooSlow(url: URL): AppError {
  const SECONDS = 1_000;
  const message = `${url.host} did not end its answer within ${MAX_EXCHANGE_MS / SECONDS} seconds`;
  return new AppError('SourceUnavailable', { message });
}

/** Codes of what happens before a request is sent. */
const NEVER_SENT = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Nothing of the path is shown: it may have an identifier of a user in it. */
function explain(error: unknown, url: URL): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_') || code === 'ERR_BROTLI') return notReadable(url);
  if (code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return cutOff(url);
  const explained = httpError(error, new URL(url.origin));
  return NEVER_SENT.has(code) ? new NeverSentError(explained) : explained;
}

function cutOff({ host }: URL): AppError {
  return new AppError('SourceUnavailable', { message: `${host} stopped sending in the middle of an answer` });
}

function notReadable({ host }: URL): AppError {
  return new AppError('SourceUnavailable', { message: `${host} sent an answer that cannot be decompressed` });
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors.at(-1));
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}
