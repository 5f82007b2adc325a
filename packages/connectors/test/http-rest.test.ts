import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { respond, serveFile } from './http-server.js';
import { CSV, file, http, MODIFIED, read, serving, storageOf, unavailable } from './read-http.js';
import { unhurried } from './read-source.js';

describe('the rest of a file', () => {
  const v1 = file('users.csv', { size: 20, version: '"v1"' });
  const byTime = file('users.csv', { size: 20, version: `${MODIFIED}; 20` });

  it.each([
    ['"v1"', v1, { ETag: '"v1"' }],
    [MODIFIED, byTime, { 'Last-Modified': MODIFIED }],
  ])('is asked for on the condition %s', async (condition, known, headers) => {
    const server = await http(serveFile(CSV, headers as Record<string, string>));
    expect(await read(storageOf(server.port), known, 8)).toBe(CSV.slice(8));
    expect(server.requests[0]?.headers.get('range')).toBe('bytes=8-');
    expect(server.requests[0]?.headers.get('if-range')).toBe(condition);
  });

  it('keeps the version that the file had first', async () => {
    const storage = await serving(serveFile(CSV, { 'Last-Modified': MODIFIED }));
    const known = file('users.csv', { version: `${MODIFIED}; ` });
    const { file: opened, content } = await storage.open(known, 8, unhurried());
    expect(await text(content)).toBe(CSV.slice(8));
    expect(opened).toMatchObject({ size: 20, version: known.version });
  });

  it('may come without its time from a server that looked at it', async () => {
    const answer = respond(206, { 'Content-Range': 'bytes 8-19/20' }, CSV.slice(8));
    expect(await read(await serving(answer), byTime, 8)).toBe(CSV.slice(8));
    expect(await read(await serving(answer), v1, 8)).toMatchObject({ details: { changed: true } });
  });

  it('is taken from all of it when the server does not send parts', async () => {
    expect(await read(await serving(respond(200, { ETag: '"v1"' }, CSV)), v1, 8)).toBe(CSV.slice(8));
    const large = 'x'.repeat(1_000_000);
    const known = file('a', { size: 1_000_000, version: '"v1"' });
    expect(await read(await serving(respond(200, { ETag: '"v1"' }, large)), known, 999_999)).toBe('x');
  });

  it.each([
    ['all of another version', respond(200, { ETag: '"v2"' }, CSV)],
    ['all without a version', respond(200, {}, CSV)],
    ['all with another length', respond(200, { ETag: '"v1"' }, `${CSV}3,Cid\n`)],
    ['a part of another version', respond(206, { ETag: '"v2"', 'Content-Range': 'bytes 8-19/20' }, CSV.slice(8))],
    ['a part of another length', respond(206, { ETag: '"v1"', 'Content-Range': 'bytes 8-20/21' }, `${CSV.slice(8)}!`)],
    ['nothing, because the file is shorter now', respond(416, { 'Content-Range': 'bytes */5' })],
    ['nothing, without a reason', respond(416)],
    ['nothing of another version', respond(416, { ETag: '"v2"', 'Content-Range': 'bytes */8' })],
  ])('is refused when the server sends %s', async (_, answer) => {
    expect(await read(await serving(answer), v1, 8)).toMatchObject({
      ...unavailable('/users.csv: the file changed while it was read'),
      details: { changed: true },
    });
  });

  it('is nothing when the connection broke after the last byte', async () => {
    const answer = respond(416, { ETag: '"v1"', 'Content-Range': 'bytes */20' }, 'the range is not satisfiable');
    expect(await read(await serving(answer), v1, 20)).toBe('');
    expect(await read(await serving(respond(200, { ETag: '"v1"' }, CSV)), v1, 20)).toBe('');
  });

  it.each([
    ['another start', { 'Content-Range': 'bytes 0-11/20' }],
    ['no range', {}],
    ['several ranges', { 'Content-Type': 'multipart/byteranges; boundary=x' }],
    ['an impossible range', { 'Content-Range': 'bytes 8-30/20' }],
    ['a range of something else', { 'Content-Range': 'lines 8-19/20' }],
  ])('is refused when a part has %s', async (_, headers) => {
    const storage = await serving(respond(206, { ETag: '"v1"', ...(headers as Record<string, string>) }, CSV.slice(8)));
    expect(await read(storage, v1, 8)).toMatchObject(unavailable('the server sent another part of the file'));
  });

  it('is an error when it is less than all that is left', async () => {
    const storage = await serving(respond(206, { ETag: '"v1"', 'Content-Range': 'bytes 8-9/20' }, CSV.slice(8, 10)));
    expect(await read(storage, v1, 8)).toMatchObject(unavailable('fewer or more bytes than it had announced'));
  });

  it('cannot be read when the server does not tell versions', async () => {
    const server = await http(respond(200, {}, CSV));
    expect(await read(storageOf(server.port), file('users.csv', { size: 20 }), 8)).toMatchObject({
      ...unavailable('the server says neither ETag nor Last-Modified'),
      details: { changed: true },
    });
    expect(server.requests).toHaveLength(0);
  });
});
