import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Longer than the idle time of the proxies in front of us: they must not send into a connection that we are closing. */
const KEEP_ALIVE_MS = 65_000;
/** A request must arrive within this time, and its head sooner. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** A client that takes nothing of its answer for so long is cut off: it holds a database connection. */
const STALLED_MS = 60_000;
const SWEEP_MS = 50;

export interface HttpServer {
  readonly port: number;
  /** Takes no more connections, lets requests in flight end within the grace period, then cuts what is left. */
  stop(graceMs: number): Promise<void>;
}

export async function listen(
  app: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS },
    app,
  );
  server.timeout = STALLED_MS;
  server.on('clientError', refuseUnreadable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: (graceMs) => stop(server, graceMs) };
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A kept-alive connection is idle only after its last answer: look again until none is left.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

const REFUSALS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'request headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request did not arrive in time'],
};

/** What never becomes a request is answered in the form of all errors, too. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, message] = REFUSALS[error.code ?? ''] ?? ['400 Bad Request', 'request is not valid HTTP'];
  const requestId = randomUUID();
  const body = JSON.stringify({ error: { code: 'BadRequest', message, requestId } });
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json',
    `Request-Id: ${requestId}`,
    'Connection: close',
    `Content-Length: ${body.length}`,
  ].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`);
}
