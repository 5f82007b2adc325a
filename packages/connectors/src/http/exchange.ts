import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { checkLiteralHost, guardedLookup } from '../files/network-guard.js';
import { httpError } from './http-error.js';

/** How long one waits, in milliseconds. */
export interface HttpLimits {
  /** For the connection, TLS included. */
  readonly connectMs: number;
  /** For the head of an answer. */
  readonly headersMs: number;
  /** Between two parts of a body. */
  readonly bodyMs: number;
}

/** Two attempts of a preview that wait for the beginning of an answer in vain take less than the 30 seconds that a request to the API has. */
export const HTTP_LIMITS: HttpLimits = { connectMs: 10_000, headersMs: 12_000, bodyMs: 30_000 };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Authorities to trust instead of the well-known ones. */
  readonly ca?: string | undefined;
  /** What is sent, as it comes; when it is destroyed the request is. */
  readonly body?: Readable;
}

export interface ExchangeOptions {
  readonly allowPrivateNetworks: boolean;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal;
}

/** What undici does not tell of its socket. */
interface ObservedSocket {
  failure: Error | null;
  /** Bytes that the parser gave back, after the last of the answer those that do not belong to it. */
  givenBack: number;
}

interface Connection {
  readonly client: Client;
  readonly socket: ObservedSocket;
  /** Aborted with the signal of the read, which lives longer than this and must not collect what listens to it. */
  readonly signal: AbortSignal;
  /** Idempotent. */
  end(): Promise<void>;
}

/**
 * One request and its answer, over a connection of its own: what breaks then broke this transfer, and ending the exchange ends
 * everything. Files are few and large; there is nothing to win by keeping connections.
 */
export class HttpExchange {
  readonly url: URL;
  readonly response: Dispatcher.ResponseData;
  readonly #connection: Connection;

  /** Throws AppError `SourceUnavailable` or `SourceRefused`, or the reason of the signal. */
  static async start(request: HttpRequest, options: ExchangeOptions): Promise<HttpExchange> {
    options.signal.throwIfAborted();
    const { url } = request;
    checkLiteralHost(url.hostname, options.allowPrivateNetworks);
    const connection = makeConnection(request, options);
    try {
      const response = await connection.client.request({
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers: [...request.headers],
        body: request.body ?? null,
        signal: connection.signal,
      });
      return new HttpExchange(url, response, connection);
    } catch (error) {
      void connection.end();
      options.signal.throwIfAborted();
      throw httpError(error, url);
    }
  }

  private constructor(url: URL, response: Dispatcher.ResponseData, connection: Connection) {
    this.url = url;
    this.response = response;
    this.#connection = connection;
    // Its end is looked at by whoever reads it.
    response.body.on('error', () => undefined);
  }

  /** Why the connection broke. undici takes that for the end of a body whose length the server did not say. */
  get failure(): Error | null {
    return this.#connection.socket.failure;
  }

  /**
   * Whether more came together with the end of the answer: the server announced characters for bytes, for example, and the file is
   * longer than that. What comes later is not waited for.
   */
  get hasExcess(): boolean {
    return this.#connection.socket.givenBack > 0;
  }

  /** A header of the answer; the first one where there are several. */
  header(name: string): string | null {
    const value = this.response.headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  }

  /** Idempotent. */
  async end(): Promise<void> {
    this.response.body.destroy();
    await this.#connection.end();
  }
}

function makeConnection(request: HttpRequest, options: ExchangeOptions): Connection {
  const socket: ObservedSocket = { failure: null, givenBack: 0 };
  const controller = new AbortController();
  const abort = () => controller.abort(options.signal.reason);
  options.signal.addEventListener('abort', abort, { once: true });
  const { signal } = controller;
  const client = makeClient(request, { ...options, signal }, socket);
  const end = async () => {
    options.signal.removeEventListener('abort', abort);
    await client.destroy();
  };
  return { client, socket, signal, end };
}

function makeClient(
  { url, ca }: HttpRequest,
  { allowPrivateNetworks, limits, signal }: ExchangeOptions,
  observed: ObservedSocket,
): Client {
  const connect = buildConnector({
    lookup: guardedLookup(allowPrivateNetworks),
    timeout: limits.connectMs,
    // While a connection is made undici does not look at the signal of the request.
    signal,
    ...(ca === undefined ? {} : { ca }),
  });
  return new Client(url.origin, {
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    // No connection is kept: the server is told so.
    pipelining: 0,
    connect: (options, callback) =>
      connect(options, (...[error, socket]: Parameters<typeof callback>) => {
        if (error !== null) return callback(error, null);
        observe(socket, observed);
        callback(null, socket);
      }),
  });
}

function observe(socket: Socket, observed: ObservedSocket): void {
  const unshift = socket.unshift.bind(socket);
  socket.unshift = (chunk: Buffer) => {
    observed.givenBack = chunk.length;
    unshift(chunk);
  };
  socket.prependListener('error', (error: NodeJS.ErrnoException) => {
    // The others are undici's own, with which it also ends what went well.
    if (error.code?.startsWith('UND_ERR') !== true) observed.failure ??= error;
  });
}
