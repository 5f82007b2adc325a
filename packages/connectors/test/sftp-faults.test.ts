import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileStorage, OpenedFile } from '../src/files/file-storage.js';
import { sftp } from '../src/sftp/sftp.js';
import { rejection, unhurried } from './read-source.js';
import { bytesOf, OPEN_ACCESS } from './read-storage.js';
import { type SftpTest, startSftpServer } from './sftp-server.js';
import { until } from './until.js';

const BIG = randomBytes(4_000_000);

describe('sftp with a server that has faults', () => {
  let server: SftpTest;
  let storage: FileStorage;
  beforeEach(async () => {
    server = await startSftpServer();
    server.files.set('big', BIG);
    storage = sftp.open(server.settings, OPEN_ACCESS);
  });
  afterEach(async () => {
    await storage.close();
    await server.stop();
  });

  const opened = async (signal: AbortSignal = unhurried()): Promise<OpenedFile> => {
    const [file] = await storage.find('big', signal);
    if (file === undefined) throw new Error('no file');
    return await storage.open(file, 0, signal);
  };

  it('reads all bytes of one that answers with less than it was asked for', async () => {
    server.behaviour.mostBytes = 10_000;
    expect(BIG.equals(await bytesOf(storage, 'big'))).toBe(true);
    expect(BIG.subarray(5).equals(await bytesOf(storage, 'big', 5))).toBe(true);
  });

  it('fails when the connection is cut in the middle, and connects again for the rest', async () => {
    server.behaviour.cutAt = 2_000_000;
    const { file, content } = await opened();
    const chunks: Buffer[] = [];
    const read = async () => {
      for await (const chunk of content) chunks.push(chunk as Buffer);
    };
    expect(await rejection(read())).toMatchObject({
      code: 'SourceUnavailable',
      message: `127.0.0.1:${server.port} closed the connection, or it broke`,
    });
    server.behaviour.cutAt = Number.POSITIVE_INFINITY;
    const offset = Buffer.concat(chunks).length;
    const rest = await storage.open(file, offset, unhurried());
    expect(BIG.equals(Buffer.concat([...chunks, await buffer(rest.content)]))).toBe(true);
  });

  /** Reads the beginning, changes the file, and reads the rest: far more of it than is asked for ahead. */
  const readWhile = async (change: () => void): Promise<Buffer> => {
    const { content } = await opened();
    const iterator = content[Symbol.asyncIterator]();
    const { value } = (await iterator.next()) as { value: Buffer };
    change();
    const chunks = [value];
    for await (const chunk of iterator) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const CHANGED = {
    code: 'SourceUnavailable',
    message: 'file "big": the file changed while it was read; run again when it is complete',
    details: { changed: true },
  };

  it.each([
    ['appended to', () => void server.files.set('big', Buffer.concat([BIG, Buffer.from('more')]))],
    ['replaced by as many other bytes', () => void server.files.set('big', randomBytes(BIG.length))],
    ['cut short', () => void server.files.set('big', BIG.subarray(0, 2_000_000))],
  ])('never takes a file for whole that was %s while it was read', async (_how, change) => {
    const write = () => {
      change();
      server.times.set('big', 1_900_000_001);
    };
    expect(await rejection(readWhile(write))).toMatchObject(CHANGED);
    expect(server.files.get('big')?.equals(await readWhile(() => undefined))).toBe(true);
  });

  it('sees that a file has grown where the server tells no times', async () => {
    server.behaviour.attributes = 'no times';
    expect(BIG.equals(await bytesOf(storage, 'big'))).toBe(true);
    const grow = () => void server.files.set('big', Buffer.concat([BIG, BIG]));
    expect(await rejection(readWhile(grow))).toMatchObject(CHANGED);
  });

  it('does not take a file for empty whose size the server does not say, and does not go on in its middle', async () => {
    server.behaviour.attributes = 'no size';
    server.behaviour.mostBytes = 20_000;
    server.files.set('empty', Buffer.alloc(0));
    server.files.set('block', BIG.subarray(0, 32_768));
    expect(BIG.equals(await bytesOf(storage, 'big'))).toBe(true);
    expect((await bytesOf(storage, 'block')).length).toBe(32_768);
    expect((await bytesOf(storage, 'empty')).length).toBe(0);
    expect(await rejection(bytesOf(storage, 'big', 5))).toMatchObject({
      code: 'SourceUnavailable',
      message: `sftp://127.0.0.1:${server.port}/~/big: reading was interrupted, and cannot go on there because the server does not say the size of the file; run again`,
      details: { changed: true },
    });
    await until('no handle', () => server.handles() === 0);
  });

  it('ends a transfer within a second when it is aborted, and leaves no connection', async () => {
    server.behaviour.stallAt = 500_000;
    const controller = new AbortController();
    const { content } = await opened(controller.signal);
    const read = rejection(buffer(content));
    await until('the standstill', () => server.asked() > 500_000);
    const reason = new Error('stop');
    controller.abort(reason);
    expect(await read).toBe(reason);
    await until('no handle', () => server.handles() === 0, 1_000);
    await storage.close();
    await until('no connection', () => server.connections() === 0, 1_000);
  });

  it('ends a question within a second when it is aborted', async () => {
    server.behaviour.silent = true;
    const controller = new AbortController();
    const find = rejection(storage.find('big', controller.signal));
    await until('the question', () => server.questions() === 1);
    const reason = new Error('stop');
    const started = performance.now();
    controller.abort(reason);
    expect(await find).toBe(reason);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('asks for no more than is read', async () => {
    const { content } = await opened();
    content.once('readable', () => undefined);
    let last = -1;
    await until('a standstill', async () => {
      const before = last;
      for (let count = 0; count < 100; count += 1) await turn();
      last = server.asked();
      return last > 0 && last === before;
    });
    expect(server.asked()).toBeLessThanOrEqual(1_200_000);
    content.destroy();
    await until('no handle', () => server.handles() === 0);
  });

  it('closes every file that it has read', async () => {
    for (let count = 0; count < 3; count += 1) await bytesOf(storage, 'big');
    await until('no handle', () => server.handles() === 0);
  });

  it.each([
    [3, 'SourceRefused', /^user "reader" may not read sftp:.*big: check its permissions, and username$/],
    [4, 'SourceUnavailable', /^127.0.0.1:\d+ failed to read sftp:.*big$/],
    [8, 'SourceRefused', /^127.0.0.1:\d+ cannot do what reading sftp:.*big needs$/],
  ])('explains status %i', async (status, code, message) => {
    server.behaviour.status = status;
    expect(await rejection(storage.find('big', unhurried()))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is closed for good', async () => {
    const { content } = await opened();
    const read = rejection(buffer(content));
    await storage.close();
    await storage.close();
    expect(await read).toMatchObject({ code: 'SourceUnavailable' });
    await rejection(storage.find('big', unhurried()));
    await until('no connection', () => server.connections() === 0);
  });
});
