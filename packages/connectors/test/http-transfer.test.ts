import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { HTTP_LIMITS } from '../src/http/exchange.js';
import { type Answer, head, respond } from './http-server.js';
import { CSV, file, http, read, serving, started, storageOf, unavailable } from './read-http.js';
import { rejection, unhurried } from './read-source.js';
import { serve } from './tcp-server.js';
import { until } from './until.js';

/** What the API gives a request, unless the operator says otherwise. */
const API_REQUEST_MS = 30_000;
const PREVIEW_ATTEMPTS = 2;

describe('a transfer that goes wrong', () => {
  const chunked = head(200, { 'Transfer-Encoding': 'chunked' });
  const closing = { Connection: 'close' };

  it.each<[string, Answer, string]>([
    ['ends before the announced length', (socket) => socket.end(`${head(200, { 'Content-Length': 100 })}${CSV}`), ''],
    [
      'ends before the announced length, announcing its end',
      (socket) => socket.end(`${head(200, { 'Content-Length': 100, ...closing })}${CSV}`),
      'the file was cut off',
    ],
    ['ends before the last chunk', (socket) => socket.end(`${chunked}14\r\n${CSV}\r\n`), ''],
    [
      'ends before the last chunk, announcing its end',
      (socket) => socket.end(`${head(200, { 'Transfer-Encoding': 'chunked', ...closing })}14\r\n${CSV}\r\n`),
      'was cut off',
    ],
    [
      'brings more than the announced length',
      (socket) => socket.end(`${head(200, { 'Content-Length': 5 })}${CSV}`),
      'fewer or more',
    ],
    ['is no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'does not answer as an HTTP server does'],
    ['has a wrong chunk', (socket) => socket.end(`${chunked}zz\r\n`), 'does not answer as an HTTP server does'],
    [
      'has two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12'),
      '',
    ],
    ['is closed without an answer', (socket) => socket.end(), 'was closed or broke'],
    ['is reset without an answer', (socket) => socket.resetAndDestroy(), 'was closed or broke'],
  ])('is an error, never a short file: it %s', async (_, answer, message) => {
    expect(await read(await serving(answer))).toMatchObject(unavailable(message));
  });

  it('is an error when the connection breaks, also where the end of the connection is the end of the file', async () => {
    const sockets: Socket[] = [];
    const storage = await serving((socket) => {
      sockets.push(socket);
      socket.write(`${head(200, closing)}${CSV}`);
    });
    const { content } = await storage.open(file('a'), 0, unhurried());
    await until('the first bytes arrive', () => content.read(1) !== null);
    const result = rejection(buffer(content));
    for (const socket of sockets) socket.resetAndDestroy();
    expect(await result).toMatchObject(unavailable('was closed or broke'));
  });

  it('ends when the server does not answer', async () => {
    const storage = await serving(() => undefined, { headersMs: 200 });
    expect(await read(storage)).toMatchObject(unavailable('accepted the request, but did not answer it in time'));
  });

  it('ends before the request to the API does that waits for it, when the server does not answer', () => {
    const { connectMs, headersMs, bodyMs } = HTTP_LIMITS;
    expect(PREVIEW_ATTEMPTS * headersMs).toBeLessThan(API_REQUEST_MS);
    expect(PREVIEW_ATTEMPTS * connectMs).toBeLessThan(API_REQUEST_MS);
    expect({ headersMs, bodyMs }).toEqual({ headersMs: 12_000, bodyMs: 30_000 });
  });

  it('ends when the server does not speak TLS with us, and within a second of the signal', async () => {
    let connections = 0;
    let closed = 0;
    const { port } = await started(
      serve((socket) => {
        connections += 1;
        socket.resume();
        socket.on('close', () => {
          closed += 1;
        });
      }),
    );
    expect(await read(storageOf(port, { tls: true }, { connectMs: 300 }))).toMatchObject(
      unavailable(`no answer from 127.0.0.1:${port}: check host and port`),
    );
    const controller = new AbortController();
    const result = rejection(storageOf(port, { tls: true }).open(file('a'), 0, controller.signal));
    await until('it connects', () => connections === 2);
    const reason = new Error('stopped by the test');
    const start = performance.now();
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
    await until('both connections are closed', () => closed === 2, 1_000);
  });

  it('ends when the server stops sending, but not because it is slow', async () => {
    const stops = await serving((socket) => socket.write(`${head(200, { 'Content-Length': 20 })}i`), { bodyMs: 300 });
    expect(await read(stops)).toMatchObject(unavailable('the server stopped sending in the middle of the file'));
    const trickles = await serving(
      (socket) => {
        socket.write(head(200, { 'Content-Length': CSV.length }));
        let sent = 0;
        const timer = setInterval(() => {
          socket.write(CSV.charAt(sent));
          sent += 1;
          if (sent === CSV.length) clearInterval(timer);
        }, 250);
      },
      { bodyMs: 3_000 },
    );
    expect(await read(trickles)).toBe(CSV);
  });

  it.each(['head', 'body'])('ends within a second of the signal while the %s is waited for', async (phase) => {
    const server = await http((socket) => phase === 'body' && socket.write(`${head(200, { 'Content-Length': 20 })}i`));
    const storage = storageOf(server.port);
    const controller = new AbortController();
    const reading = (async () => text((await storage.open(file('a'), 0, controller.signal)).content))();
    const result = rejection(reading);
    await until('the request arrives', () => server.requests.length === 1);
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await result).toBe(reason);
    await until('the connection is closed', () => server.closed() === 1, 1_000);
    expect(await rejection(storage.open(file('a'), 0, controller.signal))).toBe(reason);
  });

  it.each([200, 404])('leaves nothing behind at the signal, which is that of many files: status %i', async (status) => {
    const { signal } = new AbortController();
    const storage = await serving(respond(status, {}, CSV));
    const read = async () => {
      const { content } = await storage.open(file('a'), 0, signal);
      await text(content);
      if (!content.closed) await once(content, 'close');
    };
    for (let time = 0; time < 3; time += 1) await read().catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it.each(['the content is destroyed', 'the storage is closed'])('ends when %s', async (how) => {
    const server = await http((socket) => socket.write(`${head(200, { 'Content-Length': 20 })}i`));
    const storage = storageOf(server.port);
    const { content } = await storage.open(file('a'), 0, unhurried());
    if (how === 'the storage is closed') await storage.close();
    else content.destroy();
    await until('the connection is closed', () => server.closed() === 1, 1_000);
    await storage.close();
  });

  it('goes no further than somebody reads, and then to the end', async () => {
    const size = 64 * 1024 * 1024;
    let sent = 0;
    const server = await http((socket) => {
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const send = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', send);
        }
        socket.end();
      };
      socket.write(head(200, { 'Content-Length': size }));
      send();
    });
    const { content } = await storageOf(server.port).open(file('a'), 0, unhurried());
    let received = 0;
    await until('the first bytes arrive', () => {
      received = (content.read(1) as Buffer | null)?.length ?? 0;
      return received > 0;
    });
    let [before, still] = [-1, 0];
    await until('the server can send no more', () => {
      still = sent > 0 && sent === before ? still + 1 : 0;
      before = sent;
      return still >= 10;
    });
    expect(sent).toBeLessThan(size / 2);
    expect(content.readableLength).toBeLessThan(2 * 1024 * 1024);
    for await (const chunk of content) received += (chunk as Buffer).length;
    expect(received).toBe(size);
  });
});
