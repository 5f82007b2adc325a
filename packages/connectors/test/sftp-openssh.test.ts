import { randomBytes } from 'node:crypto';
import { appendFile, chmod, symlink, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FileStorage, StoredFile } from '../src/files/file-storage.js';
import { sftp } from '../src/sftp/sftp.js';
import { rejection, unhurried } from './read-source.js';
import { bytesOf, OPEN_ACCESS, pathsOf } from './read-storage.js';
import { ed25519Key } from './sftp-server.js';
import { type SshdTest, startSshd } from './sshd.js';
import { startProxy } from './tcp-server.js';
import { until } from './until.js';

const BIG = randomBytes(5_000_000);
const started = await startSshd();

describe.skipIf(started === null)("sftp with OpenSSH's server", () => {
  const server = started as SshdTest;
  let storage: FileStorage;
  beforeEach(() => {
    storage = sftp.open(server.settings, OPEN_ACCESS);
  });
  afterEach(() => storage.close());
  afterAll(() => server.stop());

  const found = async (name: string): Promise<StoredFile> => {
    const [file] = await storage.find(name, unhurried());
    if (file === undefined) throw new Error('no file');
    return file;
  };

  it('passes the test of settings that are right, and closes its connection', async () => {
    await expect(sftp.test(server.settings, OPEN_ACCESS, unhurried())).resolves.toBeUndefined();
    await until('no session', async () => (await server.sessions()) === 0);
  });

  it('reads all bytes of a file, and what it says about it', async () => {
    await server.put('big.bin', BIG);
    await server.put('empty', '');
    await utimes(path.join(server.files, 'big.bin'), 1_900_000_000, 1_900_000_000);
    expect(BIG.equals(await bytesOf(storage, 'big.bin'))).toBe(true);
    expect((await bytesOf(storage, 'empty')).length).toBe(0);
    expect(await found('big.bin')).toEqual({
      path: 'big.bin',
      size: BIG.length,
      modifiedAt: new Date(1_900_000_000_000),
      version: `${BIG.length}-1900000000`,
    });
  });

  it.each([1, 32_768, 1_234_567, BIG.length - 1, BIG.length])('reads from offset %i on', async (offset) => {
    await server.put('big.bin', BIG);
    expect(BIG.subarray(offset).equals(await bytesOf(storage, 'big.bin', offset))).toBe(true);
  });

  it('uses one connection for all that is asked', async () => {
    await server.put('users.csv', 'id');
    for (let count = 0; count < 3; count += 1) await bytesOf(storage, 'users.csv');
    expect(await server.sessions()).toBe(1);
    await storage.close();
    await until('no session', async () => (await server.sessions()) === 0);
  });

  it('finds the files of a pattern in their order, and one whose name is the pattern itself', async () => {
    for (const name of ['p/b.csv', 'p/a.csv', 'p/a.txt', 'p/deep/er/c ü.csv', 'p/.hidden.csv', 'p/odd[1].csv']) {
      await server.put(name, name);
    }
    await symlink('a.csv', path.join(server.files, 'p', 'link.csv'));
    await symlink('.', path.join(server.files, 'p', 'circle'));
    expect(await pathsOf(storage, 'p/*.csv')).toEqual(['p/a.csv', 'p/b.csv', 'p/link.csv', 'p/odd[1].csv']);
    expect(await pathsOf(storage, 'p/**/c*.csv')).toEqual(['p/deep/er/c ü.csv']);
    expect(await pathsOf(storage, 'p/odd[1].csv')).toEqual(['p/odd[1].csv']);
    expect(await pathsOf(storage, `${server.files}/p/{b,x}.csv`)).toEqual([`${server.files}/p/b.csv`]);
    expect((await bytesOf(storage, 'p/deep/er/c ü.csv')).toString()).toBe('p/deep/er/c ü.csv');
  });

  it('begins paths in the directory', async () => {
    await server.put('below/users.csv', 'below');
    for (const directory of ['below', 'below/', `${server.files}/below`]) {
      const below = sftp.open({ ...server.settings, directory }, OPEN_ACCESS);
      expect((await bytesOf(below, 'users.csv')).toString()).toBe('below');
      expect(await pathsOf(below, '*.csv')).toEqual(['users.csv']);
      await below.close();
    }
    const below = sftp.open({ ...server.settings, directory: '/data' }, OPEN_ACCESS);
    expect(below.absolutePath('a/users.csv')).toBe(`sftp://127.0.0.1:${server.port}/data/a/users.csv`);
    expect(storage.absolutePath('/users.csv')).toBe(`sftp://127.0.0.1:${server.port}/users.csv`);
    expect(storage.absolutePath('users.csv')).toBe(`sftp://127.0.0.1:${server.port}/~/users.csv`);
  });

  it('says which file is not there, is none, or may not be read', async () => {
    await server.put('private.csv', 'id');
    await server.put('directory/users.csv', 'id');
    await chmod(path.join(server.files, 'private.csv'), 0);
    const file = await found('private.csv');
    const shown = `sftp://127.0.0.1:${server.port}/~`;
    const refused = (message: string) => ({ code: 'SourceRefused', message });
    expect(await rejection(storage.find('missing.csv', unhurried()))).toMatchObject(
      refused(`${shown}/missing.csv does not exist: check path and directory`),
    );
    expect(await rejection(storage.find('missing/*.csv', unhurried()))).toMatchObject(
      refused(`no file matches ${shown}/missing/*.csv: check path and directory`),
    );
    expect(await rejection(storage.open({ ...file, path: 'directory' }, 0, unhurried()))).toMatchObject(
      refused(`${shown}/directory is not a file: check path`),
    );
    expect(await rejection(storage.open(file, 0, unhurried()))).toMatchObject(
      refused(`user "${server.username}" may not read ${shown}/private.csv: check its permissions, and username`),
    );
    expect(
      await rejection(sftp.test({ ...server.settings, directory: 'nowhere' }, OPEN_ACCESS, unhurried())),
    ).toMatchObject(refused(`directory "nowhere" does not exist at 127.0.0.1:${server.port}: check directory`));
  });

  it('goes on only with the file that it began with', async () => {
    await server.put('users.csv', 'first version');
    const file = await found('users.csv');
    await server.put('users.csv', 'another version');
    expect(await rejection(storage.open(file, 5, unhurried()))).toMatchObject({
      code: 'SourceUnavailable',
      details: { changed: true },
    });
  });

  it('fails when a file becomes shorter while it is read', async () => {
    await server.put('shrinks', BIG);
    const { content } = await storage.open(await found('shrinks'), 0, unhurried());
    await truncate(path.join(server.files, 'shrinks'), 2_000_000);
    expect(await rejection(buffer(content))).toMatchObject({ code: 'SourceUnavailable', details: { changed: true } });
  });

  it('fails when a file is written to while it is read', async () => {
    await server.put('grows', BIG);
    const { content } = await storage.open(await found('grows'), 0, unhurried());
    await appendFile(path.join(server.files, 'grows'), 'more');
    expect(await rejection(buffer(content))).toMatchObject({
      code: 'SourceUnavailable',
      message: 'file "grows": the file changed while it was read; run again when it is complete',
    });
  });

  it('is not tested where nobody can log in, and says so', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    expect(await startSshd({ DenyUsers: '*' })).toBeNull();
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(
        new RegExp(`^tests with OpenSSH are skipped: user "${server.username}" cannot log in .*Permission denied`),
      ),
    );
  });

  it('connects again after the connection was lost', async () => {
    await server.put('users.csv', 'id');
    const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    const cuttable = sftp.open({ ...server.settings, port: proxy.port }, OPEN_ACCESS);
    expect((await bytesOf(cuttable, 'users.csv')).toString()).toBe('id');
    proxy.cut();
    const lost = 'closed the connection, or it broke';
    // Whether it is noticed before or while the next thing is asked for is a matter of moments.
    const again = () => bytesOf(cuttable, 'users.csv').catch((error: Error) => error.message);
    await until('a new connection', async () => {
      const said = String(await again());
      if (said !== 'id') expect(said).toContain(lost);
      return said === 'id';
    });
    await cuttable.close();
    await proxy.stop();
  });

  it('refuses a key that the server does not know', async () => {
    const { private: privateKey } = ed25519Key();
    expect(await rejection(sftp.test({ ...server.settings, privateKey }, OPEN_ACCESS, unhurried()))).toMatchObject({
      code: 'SourceRefused',
      message: `127.0.0.1:${server.port} refused the key of user "${server.username}": check username and privateKey, and that the server knows the key`,
    });
  });
});
