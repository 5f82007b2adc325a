import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { serve, type TestServer } from './tcp-server.js';

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What a server sends: it has the socket, and may misbehave. */
export type Answer = (socket: Socket, request: ReceivedRequest) => void;

export interface HttpTestServer extends TestServer {
  readonly requests: readonly ReceivedRequest[];
  /** Connections that the client has closed. */
  closed(): number;
}

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** Certificate of `localhost` that nobody signed. */
export const localhostCertificate = fixture('localhost-cert.pem');

/** An HTTP server that does what it is told, one request for each connection. */
export async function startHttpServer(answer: Answer): Promise<HttpTestServer> {
  return await start(answer, (socket) => socket);
}

/** The same by TLS, as `localhost`. */
export async function startHttpsServer(answer: Answer): Promise<HttpTestServer> {
  const secureContext = createSecureContext({ cert: localhostCertificate, key: fixture('localhost-key.pem') });
  return await start(answer, (socket) => new TLSSocket(socket, { isServer: true, secureContext }));
}

async function start(answer: Answer, secure: (socket: Socket) => Socket): Promise<HttpTestServer> {
  const requests: ReceivedRequest[] = [];
  let closed = 0;
  const server = await serve((plain) => {
    plain.on('close', () => {
      closed += 1;
    });
    const socket = secure(plain).on('error', () => undefined);
    let received = '';
    const receive = (data: Buffer): void => {
      received += data.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      socket.off('data', receive).resume();
      const request = parseRequest(received);
      requests.push(request);
      answer(socket, request);
    };
    socket.on('data', receive);
  });
  return { ...server, requests, closed: () => closed };
}

function parseRequest(text: string): ReceivedRequest {
  const [first = '', ...lines] = (text.split('\r\n\r\n', 1)[0] ?? '').split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(/: ?(.*)/s);
    return [name.toLowerCase(), value];
  });
  return { method, path, headers: new Map(headers) };
}

export type Headers = Readonly<Record<string, string | number>>;

/** The head of an answer. */
export function head(status: number, headers: Headers = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Some Reason\r\n${lines.join('')}\r\n`;
}

/** An answer that is as it should be. */
export function respond(status: number, headers: Headers = {}, body: string | Buffer = ''): Answer {
  const bytes = Buffer.from(body as string, 'latin1');
  return (socket) => {
    socket.write(head(status, { 'Content-Length': bytes.length, Connection: 'close', ...headers }));
    socket.end(bytes);
  };
}

/** A file, whole or the part that is asked for, as a good server sends it. */
export function serveFile(body: string, headers: Headers): Answer {
  return (socket, request) => {
    const start = /^bytes=(\d+)-$/.exec(request.headers.get('range') ?? '')?.[1];
    const known = Object.values(headers).includes(request.headers.get('if-range') ?? '');
    if (start === undefined || !known) return respond(200, headers, body)(socket, request);
    const range = `bytes ${start}-${body.length - 1}/${body.length}`;
    respond(206, { ...headers, 'Content-Range': range }, body.slice(Number(start)))(socket, request);
  };
}
