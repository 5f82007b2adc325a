import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeBytes } from '../src/files/write-bytes.js';
import { sftp } from '../src/sftp/sftp.js';
import { begin, fill, owner, put, uploadConformance } from './file-upload-conformance.js';
import { rejection } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { startSftpServer } from './sftp-server.js';
import { type SshdTest, startSshd } from './sshd.js';
import { startProxy } from './tcp-server.js';

const started = await startSshd();

describe.skipIf(started === null)("with OpenSSH's server", () => {
  const server = started as SshdTest;

  uploadConformance('sftp', async () => {
    // Between the two, so that connections can be cut.
    const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    return {
      open: () => sftp.open({ ...server.settings, port: proxy.port }, OPEN_ACCESS),
      look: (name) => readFile(path.join(server.files, name)).catch(() => null),
      leftovers: async () => (await readdir(server.files)).filter((name) => name.startsWith('.penstock')).length,
      fences: true,
      invalidPaths: ['', 'a\0b', 'a/'],
      secrets: [String(server.settings.privateKey)],
      cut: async () => proxy.cut(),
      working: () => server.sessions(),
      stop: () => proxy.stop(),
    };
  });

  const storage = () => {
    const opened = sftp.open(server.settings, OPEN_ACCESS);
    onTestFinished(() => opened.close());
    return opened;
  };

  it('tells which directory is missing, and makes none', async () => {
    expect(await rejection(begin(storage(), 'missing/users.txt'))).toMatchObject({
      code: 'DestinationRefused',
      message: `the directory of sftp://127.0.0.1:${server.port}/~/missing/users.txt does not exist: make it on the server, or check path and directory`,
    });
    expect(await readdir(server.files)).not.toContain('missing');
  });

  it('cannot put a file in the place of a directory', async () => {
    await mkdir(path.join(server.files, 'directory'));
    expect(await rejection(begin(storage(), 'directory'))).toMatchObject({ code: 'DestinationRefused' });
  });

  it('writes into a directory, hidden until it is complete', async () => {
    await mkdir(path.join(server.files, 'writable'), { mode: 0o777, recursive: true });
    const { uid } = await stat(server.files);
    const own = await stat(path.join(server.files, 'writable'));
    if (own.uid !== uid) return;
    const upload = await begin(storage(), 'writable/users.txt', { of: owner(2, 3, 4) });
    await writeBytes(upload.content, Buffer.from('text'));
    expect(await readdir(path.join(server.files, 'writable'))).toEqual(['.penstock-4-2-3.tmp']);
    await upload.discard();
    expect(await readdir(path.join(server.files, 'writable'))).toEqual([]);
  });

  it('does not begin once a later attempt has', async () => {
    const opened = storage();
    const later = await begin(opened, 'later.txt', { of: owner(2, 1) });
    expect(await rejection(begin(opened, 'later.txt', { of: owner(1, 9) }))).toMatchObject({ name: 'FenceLostError' });
    await fill(later, Buffer.from('later'));
    await later.commit();
    await put(opened, 'later.txt', Buffer.from('again'));
  });

  it('stops the server', async () => {
    await server.stop();
  });
});

describe('a server that cannot replace a file in one step', () => {
  it('gets no file, which is said before anything is written', async () => {
    const server = await startSftpServer();
    server.behaviour.writable = true;
    const opened = sftp.open(server.settings, OPEN_ACCESS);
    onTestFinished(async () => {
      await opened.close();
      await server.stop();
    });
    expect(await rejection(begin(opened, 'users.txt'))).toMatchObject({
      code: 'DestinationRefused',
      message: expect.stringContaining('cannot put a file in the place of another in one step'),
    });
    expect([...server.files.keys()]).toEqual([]);
  });
});
