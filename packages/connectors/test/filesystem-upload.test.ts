import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileStorage } from '../src/files/file-storage.js';
import { writeBytes } from '../src/files/write-bytes.js';
import { filesystem } from '../src/filesystem/filesystem.js';
import { begin, fill, owner, put, uploadConformance } from './file-upload-conformance.js';
import { rejection } from './read-source.js';

async function namesBelow(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).toSorted();
}

uploadConformance('filesystem', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'penstock-filesystem-'));
  return {
    open: () => filesystem.open({}, { filesystemRoot: root, allowPrivateNetworks: false, maxFileBytes: 1 }),
    look: (name) => readFile(path.join(root, name)).catch(() => null),
    leftovers: async () => (await namesBelow(root)).filter((name) => name.includes('.penstock')).length,
    fences: true,
    invalidPaths: ['', '..', 'a/../../b', '/etc/passwd', 'a//b', 'a\0b', 'a/', 'a'.repeat(300)],
    secrets: [],
    working: async () => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).filter((target) => target.startsWith(root)).length;
    },
    stop: () => rm(root, { recursive: true }),
  };
});

describe('a file of this machine', () => {
  async function place(): Promise<{ storage: FileStorage; root: string; outside: string }> {
    const base = await mkdtemp(path.join(tmpdir(), 'penstock-filesystem-'));
    onTestFinished(() => rm(base, { recursive: true }));
    const [root, outside] = [path.join(base, 'root'), path.join(base, 'outside')];
    await mkdir(root);
    await mkdir(outside);
    const access = { filesystemRoot: root, allowPrivateNetworks: false, maxFileBytes: 1 };
    return { storage: filesystem.open({}, access), root, outside };
  }

  it('has its directories made, below the root', async () => {
    const { storage, root } = await place();
    await put(storage, 'a/b/c.txt', Buffer.from('text'));
    expect(await readFile(path.join(root, 'a/b/c.txt'), 'utf8')).toBe('text');
    expect(await namesBelow(root)).toEqual(['a', 'a/b', 'a/b/c.txt']);
  });

  it('is not written through links that lead out of the root, and nothing is made there', async () => {
    const { storage, root, outside } = await place();
    await symlink(outside, path.join(root, 'link'));
    await symlink('../outside', path.join(root, 'relative'));
    for (const name of ['link/a.txt', 'relative/a.txt', 'link/b/a.txt', 'relative/b/c/a.txt']) {
      expect(await rejection(begin(storage, name)), name).toMatchObject({
        code: 'DestinationRefused',
        message: `the directory of "${name}" is a link that leads out of the directory of files`,
      });
    }
    expect(await namesBelow(outside)).toEqual([]);
  });

  it('takes the place of a link, and not of what that leads to', async () => {
    const { storage, root, outside } = await place();
    await writeFile(path.join(outside, 'secret.txt'), 'of somebody else');
    await symlink(path.join(outside, 'secret.txt'), path.join(root, 'users.txt'));
    await put(storage, 'users.txt', Buffer.from('new'));
    expect(await readFile(path.join(outside, 'secret.txt'), 'utf8')).toBe('of somebody else');
    expect(await readFile(path.join(root, 'users.txt'), 'utf8')).toBe('new');
  });

  it('does not open a link that stands where its hidden name would be', async () => {
    const { storage, root, outside } = await place();
    await writeFile(path.join(outside, 'victim.txt'), 'of somebody else');
    await symlink(path.join(outside, 'victim.txt'), path.join(root, '.penstock-7-1-1.tmp'));
    await put(storage, 'users.txt', Buffer.from('new'));
    expect(await readFile(path.join(outside, 'victim.txt'), 'utf8')).toBe('of somebody else');
    expect(await namesBelow(root)).toEqual(['users.txt']);
  });

  it('stays in the directory that it was begun in when a link takes the place of that', async () => {
    const { storage, root, outside } = await place();
    const upload = await begin(storage, 'a/users.txt');
    await fill(upload, Buffer.from('new'));
    await rename(path.join(root, 'a'), path.join(root, 'moved'));
    await symlink(outside, path.join(root, 'a'));
    await upload.commit();
    expect(await namesBelow(outside)).toEqual([]);
    expect(await readFile(path.join(root, 'moved/users.txt'), 'utf8')).toBe('new');
  });

  it('may be below a link that stays within the root', async () => {
    const { storage, root } = await place();
    await mkdir(path.join(root, 'real'));
    await symlink('real', path.join(root, 'link'));
    await put(storage, 'link/a.txt', Buffer.from('text'));
    expect(await readFile(path.join(root, 'real/a.txt'), 'utf8')).toBe('text');
  });

  it('cannot take the place of a directory, nor be below a file', async () => {
    const { storage, root } = await place();
    await mkdir(path.join(root, 'directory'));
    await writeFile(path.join(root, 'file'), '');
    expect(await rejection(begin(storage, 'directory'))).toMatchObject({
      code: 'DestinationRefused',
      message: '"directory" is a directory: give the file another name',
    });
    expect(await rejection(begin(storage, 'file/a.txt'))).toMatchObject({ code: 'DestinationRefused' });
  });

  it('is refused where Penstock may not write', async () => {
    const { storage, root } = await place();
    await mkdir(path.join(root, 'locked'));
    await chmod(path.join(root, 'locked'), 0o500);
    if (process.getuid?.() === 0) return;
    expect(await rejection(begin(storage, 'locked/a.txt'))).toMatchObject({ code: 'DestinationRefused' });
  });

  it('is refused where the operator gave no directory', async () => {
    const storage = filesystem.open({}, { filesystemRoot: null, allowPrivateNetworks: false, maxFileBytes: 1 });
    expect(await rejection(begin(storage, 'a.txt'))).toMatchObject({
      code: 'DestinationRefused',
      message: expect.stringContaining('FILESYSTEM_ROOT'),
    });
  });

  it('is hidden, and tells whose it is, while it is written; patterns do not find it', async () => {
    const { storage, root } = await place();
    const upload = await begin(storage, 'users.txt', { of: owner(12, 3, 45) });
    await writeBytes(upload.content, Buffer.from('text'));
    expect(await namesBelow(root)).toEqual(['.penstock-45-12-3.tmp']);
    const found = storage.find('**', new AbortController().signal);
    expect(await rejection(found)).toMatchObject({ code: 'SourceRefused' });
    await upload.discard();
  });

  it('does not begin once a later attempt has', async () => {
    const { storage } = await place();
    const later = await begin(storage, 'users.txt', { of: owner(2, 1) });
    expect(await rejection(begin(storage, 'users.txt', { of: owner(1, 9) }))).toMatchObject({ name: 'FenceLostError' });
    await fill(later, Buffer.from('later'));
    await later.commit();
  });
});
