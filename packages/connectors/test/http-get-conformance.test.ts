import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { httpGet } from '../src/http/http-get.js';
import { OPEN_ACCESS } from './read-storage.js';
import { storageConformance } from './storage-conformance.js';

const TOKEN = 'the-secret-of-the-test';

storageConformance('http-get', async () => {
  const files = new Map<string, Uint8Array>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => serve(files, request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const settings = {
    ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: false },
    headers: [{ key: 'Authorization', value: TOKEN }],
  };
  const cut = async () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    open: () => httpGet.open(settings, OPEN_ACCESS),
    hasPatterns: httpGet.hasPatterns,
    put: async (path, data) => {
      files.set(`/${path}`, data);
    },
    remove: async (path) => {
      files.delete(`/${path}`);
    },
    invalidPaths: ['/a#b', '/a\nb'],
    secrets: [TOKEN],
    cut,
    working: async () => sockets.size,
    stop: async () => {
      await cut();
      server.close();
      await once(server, 'close');
    },
  };
});

/** Serves files with their ETags, and the rest of a file that has not changed. */
function serve(files: ReadonlyMap<string, Uint8Array>, request: IncomingMessage, response: ServerResponse): void {
  const data = files.get(request.url ?? '');
  if (request.headers.authorization !== TOKEN) return void response.writeHead(401).end();
  if (data === undefined) return void response.writeHead(404).end();
  const etag = `"${createHash('sha1').update(data).digest('hex')}"`;
  const range = request.headers['if-range'] === etag ? /^bytes=(\d+)-$/.exec(request.headers.range ?? '') : null;
  const start = Number(range?.[1] ?? 0);
  if (start > 0 && start >= data.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${data.length}`, etag }).end();
  }
  const part = start > 0 ? { 'content-range': `bytes ${start}-${data.length - 1}/${data.length}` } : {};
  const headers = { etag, 'content-length': data.length - start, 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
  response.writeHead(start > 0 ? 206 : 200, { ...headers, ...part });
  response.end(request.method === 'HEAD' ? undefined : data.subarray(start));
}
