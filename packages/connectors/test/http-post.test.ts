import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileStorage } from '../src/files/file-storage.js';
import { writeBytes } from '../src/files/write-bytes.js';
import { HTTP_LIMITS, type HttpLimits } from '../src/http/exchange.js';
import { httpPost } from '../src/http/http-post.js';
import { HttpPostStorage } from '../src/http/http-post-storage.js';
import { httpPostSettings } from '../src/http/post-settings.js';
import { begin, fill, put, uploadConformance } from './file-upload-conformance.js';
import { localhostCertificate, startHttpsServer } from './http-server.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { closedPort } from './tcp-server.js';
import { until } from './until.js';

const TOKEN = 'the-secret-of-the-test';
const headers = [{ key: 'Authorization', value: TOKEN }];

interface Receiver {
  readonly port: number;
  /** Whole files by path. */
  readonly files: Map<string, Buffer>;
  readonly requests: IncomingMessage[];
  readonly sockets: Set<Socket>;
  /** Bodies that ended without their end. */
  cutBodies: number;
  stop(): Promise<void>;
}

/** A server that keeps what it gets when it has got all of it. */
async function startReceiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    void response.writeHead(201).end(),
): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    receiver.requests.push(request);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      receiver.cutBodies += 1;
      return;
    }
    if (response.headersSent) return;
    receiver.files.set(request.url ?? '', Buffer.concat(chunks));
    answer(request, response);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = { port, files: new Map(), requests: [], sockets, cutBodies: 0, stop };
  return receiver;
}

uploadConformance('http-post', async () => {
  const server = await startReceiver();
  return {
    open: () => httpPost.open({ host: '127.0.0.1', port: server.port, tls: false, headers }, OPEN_ACCESS),
    look: async (path) => server.files.get(`/${path}`) ?? null,
    leftovers: async () => 0,
    fences: false,
    invalidPaths: ['', 'a#b', 'a\nb', 'https://elsewhere/a'],
    secrets: [TOKEN],
    cut: async () => {
      for (const socket of server.sockets) socket.destroy();
    },
    working: async () => server.sockets.size,
    stop: server.stop,
  };
});

describe('a file that is sent by POST', () => {
  async function place(
    answer?: (request: IncomingMessage, response: ServerResponse) => void,
    limits: Partial<HttpLimits> = {},
  ): Promise<{ server: Receiver; storage: FileStorage }> {
    const server = await startReceiver(answer);
    onTestFinished(server.stop);
    const settings = httpPostSettings.parse({ host: '127.0.0.1', port: server.port, tls: false, headers });
    return { server, storage: new HttpPostStorage(settings, OPEN_ACCESS, { ...HTTP_LIMITS, ...limits }) };
  }

  it('goes on its way as it is produced, with the headers and its type', async () => {
    const { server, storage } = await place();
    const upload = await begin(storage, '/in/users.csv?day=1');
    await writeBytes(upload.content, Buffer.alloc(300_000, 'a'));
    await until('the request has come', () => server.requests.length === 1);
    expect(server.files.size).toBe(0);
    await fill(upload, Buffer.from('b'));
    expect(server.files.size).toBe(0);
    await upload.commit();
    expect(server.files.get('/in/users.csv?day=1')?.length).toBe(300_001);
    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      authorization: TOKEN,
      'content-type': 'text/plain',
      'transfer-encoding': 'chunked',
    });
  });

  it('is cut, so that the server sees that it is not whole, when it is discarded or stopped', async () => {
    const { server, storage } = await place();
    const discarded = await begin(storage, 'a');
    await writeBytes(discarded.content, Buffer.from('some'));
    await until('the request has come', () => server.requests.length === 1);
    await discarded.discard();
    await until('it is cut', () => server.cutBodies === 1);
    const controller = new AbortController();
    const stopped = await begin(storage, 'b', { signal: controller.signal });
    await writeBytes(stopped.content, Buffer.from('some'));
    await until('the request has come', () => server.requests.length === 2);
    controller.abort(new Error('stopped by the test'));
    await until('it is cut', () => server.cutBodies === 2, 1_000);
    await stopped.discard();
    expect(server.files.size).toBe(0);
  });

  it.each([200, 201, 202, 204])('was taken when the server answers with %i', async (status) => {
    const { server, storage } = await place((_request, response) => void response.writeHead(status).end());
    await put(storage, 'a', Buffer.from('text'));
    expect(String(server.files.get('/a'))).toBe('text');
  });

  it.each([
    [401, 'DestinationRefused', 'asks who sends'],
    [403, 'DestinationRefused', 'does not allow'],
    [404, 'DestinationRefused', 'does not exist'],
    [405, 'DestinationRefused', 'by POST'],
    [413, 'DestinationRefused', 'larger than'],
    [302, 'DestinationRefused', 'is redirected'],
    [206, 'DestinationRefused', 'did not take'],
    [429, 'DestinationUnavailable', 'at the moment'],
    [500, 'DestinationUnavailable', 'at the moment'],
    [503, 'DestinationUnavailable', 'at the moment'],
  ])('was not taken when the server answers with %i: %s', async (status, code, words) => {
    const answer = { location: 'http://127.0.0.1:1/', 'retry-after': '7' };
    const { server, storage } = await place((_request, response) => void response.writeHead(status, answer).end());
    const error = await rejection(put(storage, 'a?key=secret', Buffer.from('text')));
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/secret/);
    if (code === 'DestinationUnavailable') expect(error).toMatchObject({ details: { retryAfterMs: 7_000 } });
    expect(server.requests).toHaveLength(1);
  });

  it('ends when the server answers before it has got all', async () => {
    for (const [status, code] of [
      [403, 'DestinationRefused'],
      [200, 'DestinationUnavailable'],
    ] as const) {
      const early = createServer((_request, response) => void response.writeHead(status).end());
      early.listen(0, '127.0.0.1');
      await once(early, 'listening');
      const { port } = early.address() as AddressInfo;
      const storage = httpPost.open({ host: '127.0.0.1', port, tls: false }, OPEN_ACCESS);
      const upload = await begin(storage, 'a');
      const endless = async () => {
        for (;;) await writeBytes(upload.content, Buffer.alloc(100_000));
      };
      expect(await rejection(endless())).toMatchObject({ code });
      expect(await rejection(upload.commit())).toMatchObject({ code });
      await upload.discard();
      early.close();
      await once(early, 'close');
    }
  });

  it('waits as long as is set for the answer', async () => {
    const { storage } = await place(() => undefined, { headersMs: 500 });
    expect(await rejection(put(storage, 'a', Buffer.from('text')))).toMatchObject({
      code: 'DestinationUnavailable',
      message: expect.stringContaining('did not answer it in time'),
    });
  });

  it('may be produced more slowly than the server may answer', async () => {
    const { server, storage } = await place(undefined, { headersMs: 1_500 });
    const upload = await begin(storage, 'a');
    await writeBytes(upload.content, Buffer.from('a'));
    const start = performance.now();
    await until('time has passed', () => performance.now() - start > 3_000);
    await fill(upload, Buffer.from('b'));
    await upload.commit();
    expect(String(server.files.get('/a'))).toBe('ab');
  });

  it('is not sent to private networks unless that is allowed, nor without trust', async () => {
    const { server } = await place();
    const guarded = { ...OPEN_ACCESS, allowPrivateNetworks: false };
    for (const host of ['127.0.0.1', 'localhost']) {
      const storage = httpPost.open({ host, port: server.port, tls: false }, guarded);
      expect(await rejection(put(storage, 'a', Buffer.from('text')))).toMatchObject({
        code: 'DestinationRefused',
        message: expect.stringContaining('private address'),
      });
    }
    const secure = await startHttpsServer((socket) => void socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    onTestFinished(secure.stop);
    const untrusting = httpPost.open({ host: 'localhost', port: secure.port }, OPEN_ACCESS);
    expect(await rejection(put(untrusting, 'a', Buffer.from('text')))).toMatchObject({
      code: 'DestinationRefused',
      message: expect.stringContaining('TLS certificate'),
    });
    expect(server.requests).toHaveLength(0);
    expect(localhostCertificate).toContain('CERTIFICATE');
  });

  it('fails when nothing listens', async () => {
    const storage = httpPost.open({ host: '127.0.0.1', port: await closedPort(), tls: false }, OPEN_ACCESS);
    expect(await rejection(put(storage, 'a', Buffer.from('text')))).toMatchObject({ code: 'DestinationUnavailable' });
  });

  it('cannot be read', async () => {
    const { storage } = await place();
    expect(await rejection(storage.find('a', unhurried()))).toMatchObject({ code: 'SourceRefused' });
  });
});
