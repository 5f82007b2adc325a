import { describe, expect, it } from 'vitest';
import { head, respond } from './http-server.js';
import { CSV, file, MODIFIED, read, refused, SECRET, serving } from './read-http.js';

describe('an answer without a file', () => {
  it.each([
    [401, 'SourceRefused', 'asks who wants to read'],
    [403, 'SourceRefused', 'does not allow'],
    [404, 'SourceRefused', '/users.csv does not exist (status 404): check path'],
    [407, 'SourceRefused', 'proxies are not supported'],
    [410, 'SourceRefused', 'does not exist any more'],
    [400, 'SourceRefused', 'with status 400 instead of a file'],
    [204, 'SourceRefused', 'with status 204 instead of a file'],
    [206, 'SourceRefused', 'with status 206 instead of a file'],
    [304, 'SourceRefused', 'with status 304 instead of a file'],
    [408, 'SourceUnavailable', 'at the moment (status 408): try again later'],
    [425, 'SourceUnavailable', 'at the moment (status 425): try again later'],
    [429, 'SourceUnavailable', 'gets too many requests (status 429): try again later'],
    [500, 'SourceUnavailable', 'at the moment (status 500): try again later'],
    [503, 'SourceUnavailable', 'at the moment (status 503): try again later'],
  ])('is explained: status %i', async (status, code, message) => {
    const storage = await serving(respond(status, {}, status === 204 || status === 304 ? '' : `body with ${SECRET}`));
    expect(await read(storage, file('users.csv'))).toMatchObject({
      ...{ code, message: expect.stringContaining(message) },
    });
  });

  it.each([
    ['7', 7_000],
    ['1.5', 1_500],
    ['0', 0],
    [MODIFIED, 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
    ['soon', undefined],
    ['-7', undefined],
    ['2001', 2_001_000],
    ['7 seconds', undefined],
  ])('says how long the server wants to be left alone: %s', async (value, retryAfterMs) => {
    const error = await read(await serving(respond(503, { 'Retry-After': value })));
    expect(error).toMatchObject({ code: 'SourceUnavailable' });
    expect((error as { details?: unknown }).details).toEqual(retryAfterMs === undefined ? undefined : { retryAfterMs });
  });

  it('never shows what is after the question mark', async () => {
    const path = `users.csv?token=${SECRET}`;
    for (const answer of [respond(404), respond(503), respond(302, { Location: `file:///${SECRET}` })]) {
      expect(await read(await serving(answer), file(path))).toMatchObject({
        message: expect.stringContaining('/users.csv?…'),
      });
    }
    await read(await serving((socket) => socket.end(`${head(200, { 'Content-Length': 90 })}${SECRET}`)), file(path));
    await read(await serving((socket) => socket.end(`HTTP/1.1 ${SECRET}\r\n`)), file(path));
    await read(await serving(respond(200)), file(path, { version: '"v1"' }), 3);
  });

  it('is one that was compressed on the way, but not a file that is compressed itself', async () => {
    const storage = await serving(respond(200, { 'Content-Encoding': 'gzip' }, 'compressed'));
    expect(await read(storage)).toMatchObject(refused('compresses the file on the way (content-encoding gzip)'));
    expect(await read(storage, file('users.csv.gz'))).toBe('compressed');
    expect(await read(await serving(respond(200, { 'Content-Encoding': 'identity' }, CSV)))).toBe(CSV);
  });
});
