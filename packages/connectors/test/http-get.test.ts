import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { head, respond } from './http-server.js';
import { CSV, file, http, MODIFIED, read, SECRET, serving, storageOf } from './read-http.js';
import { unhurried } from './read-source.js';

describe('a file of a web server', () => {
  it('is read with the headers of the settings, as it is stored', async () => {
    const server = await http(respond(200, { ETag: '"v1"', 'Last-Modified': MODIFIED }, CSV));
    const storage = storageOf(server.port);
    const [found] = await storage.find('/dir/users.csv?day=1', unhurried());
    expect(found).toEqual({ ...file('/dir/users.csv?day=1'), name: '/dir/users.csv?…' });
    const opened = await storage.open(file('/dir/users.csv?day=1'), 0, unhurried());
    expect(await text(opened.content)).toBe(CSV);
    expect(opened.file).toEqual({
      ...{ path: '/dir/users.csv?day=1', name: '/dir/users.csv?…' },
      ...{ size: 20, modifiedAt: new Date(MODIFIED), version: '"v1"' },
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'GET', path: '/dir/users.csv?day=1' });
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      ...{ host: `127.0.0.1:${server.port}`, connection: 'close', 'accept-encoding': 'identity', accept: '*/*' },
      ...{ 'user-agent': 'penstock', authorization: `Bearer ${SECRET}` },
    });
  });

  it('lets the settings replace the headers that are only a habit', async () => {
    const server = await http(respond(200));
    const headers = [
      { key: 'User-Agent', value: 'mine' },
      { key: 'ACCEPT', value: 'text/csv' },
    ];
    expect(await read(storageOf(server.port, { headers }))).toBe('');
    expect(server.requests[0]?.headers.get('user-agent')).toBe('mine');
    expect(server.requests[0]?.headers.get('accept')).toBe('text/csv');
  });

  it.each([
    [{ ETag: '"v1"' }, '"v1"'],
    [{ ETag: 'W/"v1"', 'Last-Modified': MODIFIED }, `${MODIFIED}; 20`],
    [{ 'Last-Modified': MODIFIED }, `${MODIFIED}; 20`],
    [{ ETag: 'W/"v1"' }, null],
    [{ ETag: 'v1' }, null],
    [{}, null],
  ])('has a version that tells its bytes: %j is %j', async (headers, version) => {
    const storage = await serving(respond(200, headers as Record<string, string>, CSV));
    const { file: opened, content } = await storage.open(file('a'), 0, unhurried());
    content.destroy();
    expect(opened.version).toBe(version);
  });

  it('is read in chunks, and to the end of the connection by a server that does not say its length', async () => {
    const chunked = await serving((socket) => {
      socket.end(`${head(200, { 'Transfer-Encoding': 'chunked' })}3\r\nid,\r\n4\r\nname\r\n0\r\n\r\n`);
    });
    expect(await read(chunked)).toBe('id,name');
    const open = await serving((socket) => socket.end(`${head(200, { Connection: 'close' })}id,name`));
    expect(await read(open)).toBe('id,name');
  });
});
