import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredFile } from '../src/files/file-storage.js';
import { filesystem } from '../src/filesystem/filesystem.js';
import { FilesystemStorage } from '../src/filesystem/filesystem-storage.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';

const BIG = 4 * 1024 * 1024;

/** Makes the directory `swap` a link out of the root, and back, without end. */
const SWAP = `const fs = require('node:fs');
fs.symlinkSync('..', 'link');
for (;;) {
  fs.renameSync('swap', 'kept');
  fs.renameSync('link', 'swap');
  fs.renameSync('swap', 'link');
  fs.renameSync('kept', 'swap');
}`;

const access = (filesystemRoot: string | null) => ({ filesystemRoot, allowPrivateNetworks: false, maxFileBytes: BIG });
const refused = (message: string) => ({ code: 'SourceRefused', message });
const changed = (name: string) => ({
  code: 'SourceUnavailable',
  message: `file "${name}": the file changed while it was read; run again when it is complete`,
});

describe('files of the machine', () => {
  let directory: string;
  let root: string;
  let storage: FilesystemStorage;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'penstock-filesystem-'));
    root = path.join(directory, 'root');
    await mkdir(path.join(root, 'sub'), { recursive: true });
    await writeFile(path.join(directory, 'outside.csv'), 'secret');
    await mkdir(path.join(directory, 'root-other'));
    await writeFile(path.join(directory, 'root-other', 'a.csv'), 'secret');
    storage = new FilesystemStorage(root);
  });
  afterEach(async () => {
    await storage.close();
    await rm(directory, { recursive: true });
  });

  const put = async (name: string, content: string | Buffer): Promise<void> => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  };
  const only = async (name: string): Promise<StoredFile> => {
    const [file, ...others] = await storage.find(name, unhurried());
    if (file === undefined || others.length > 0) throw new Error('expected one file');
    return file;
  };
  const unknown = (name: string): StoredFile => ({ path: name, size: null, modifiedAt: null, version: null });
  const read = async (file: StoredFile, offset = 0): Promise<string> => {
    const { content } = await storage.open(file, offset, unhurried());
    return (await buffer(content)).toString();
  };
  const find = async (pattern: string): Promise<readonly string[]> =>
    (await storage.find(pattern, unhurried())).map((file) => file.path);
  const firstChunk = async (content: Readable): Promise<void> => {
    await until('the first bytes arrive', () => content.read(1) !== null);
  };

  it('are read from any offset, with their size, time and version', async () => {
    await put('sub/users.csv', 'id\n1\n');
    const modifiedAt = new Date('2026-01-02T03:04:05.500Z');
    await utimes(path.join(root, 'sub/users.csv'), modifiedAt, modifiedAt);
    const file = await only('sub/users.csv');
    expect(file).toEqual({ path: 'sub/users.csv', size: 5, modifiedAt, version: expect.any(String) });
    expect(await read(file)).toBe('id\n1\n');
    expect(await read(file, 3)).toBe('1\n');
    expect(await read(file, 5)).toBe('');
    const opened = await storage.open(file, 0, unhurried());
    expect(opened.file).toEqual(file);
    opened.content.destroy();
  });

  it('are read whole when they are large, and when they are empty', async () => {
    const large = Buffer.alloc(BIG + 1, 'penstock');
    await put('large', large);
    await put('empty', '');
    expect(await read(unknown('large'))).toBe(large.toString());
    expect(await read(unknown('empty'))).toBe('');
  });

  it('have a version that changes with their content', async () => {
    await put('a', 'one');
    const before = await only('a');
    await put('a', 'two');
    expect((await only('a')).version).not.toBe(before.version);
    await expect(storage.open(before, 1, unhurried())).rejects.toMatchObject(changed('a'));
    expect(await read(before)).toBe('two');
  });

  it.each([
    ['', 'path must not be empty'],
    ['/etc/passwd', 'path must not begin with /: it is relative to the directory of files'],
    ['sub/', 'path must not end with /: it names a file'],
    ['sub//a', 'path must not contain //'],
    ['..', 'path must not contain the element ..'],
    ['../outside.csv', 'path must not contain the element ..'],
    ['sub/../../outside.csv', 'path must not contain the element ..'],
    ['./a', 'path must not contain the element .'],
    ['a\0.csv', 'path must not contain a NUL character'],
    ['../*.csv', 'path must not contain the element ..'],
  ])('cannot be named by the path %j', async (name, message) => {
    const invalid = { code: 'InvalidPath', message };
    expect(() => storage.absolutePath(name)).toThrow(expect.objectContaining(invalid));
    expect(await rejection(storage.find(name, unhurried()))).toMatchObject(invalid);
    expect(await rejection(storage.open(unknown(name), 0, unhurried()))).toMatchObject(invalid);
    expect(await rejection(storage.openLocal(unknown(name), unhurried()))).toMatchObject(invalid);
  });

  it('have an absolute path that shows the directory', () => {
    expect(storage.absolutePath('sub/*.csv')).toBe(`${root}/sub/*.csv`);
  });

  it.each([
    ['a link to a file outside', 'link.csv', '../outside.csv', 'link.csv'],
    ['an absolute link', 'link.csv', '/etc/passwd', 'link.csv'],
    ['a link to a directory outside', 'out', '..', 'out/outside.csv'],
    ['a link in the middle', 'sub/out', '../..', 'sub/out/outside.csv'],
    ['a link to a directory whose name begins as the root', 'other', '../root-other', 'other/a.csv'],
    ['a link to a device', 'zero', '/dev/zero', 'zero'],
    ['a link to the system', 'fd', '/proc/self', 'fd/environ'],
  ])('are not read through %s', async (_, link, target, name) => {
    await symlink(target, path.join(root, link));
    const leadsOut = refused(`file "${name}" is a link that leads out of the directory of files`);
    expect(await rejection(storage.find(name, unhurried()))).toMatchObject(leadsOut);
    expect(await rejection(storage.open(unknown(name), 0, unhurried()))).toMatchObject(leadsOut);
    expect(await rejection(storage.openLocal(unknown(name), unhurried()))).toMatchObject(leadsOut);
  });

  it('are not read through a chain of links', async () => {
    await symlink('two', path.join(root, 'one'));
    await symlink('../outside.csv', path.join(root, 'two'));
    expect(await rejection(read(unknown('one')))).toMatchObject({ code: 'SourceRefused' });
    await symlink('self', path.join(root, 'self'));
    expect(await rejection(read(unknown('self')))).toMatchObject(
      refused('file "self" is a link that leads back to itself'),
    );
  });

  it('are read through links that stay inside, also where the root is a link', async () => {
    await put('sub/a.csv', 'inside');
    await symlink('sub', path.join(root, 'current'));
    await symlink('root', path.join(directory, 'linked-root'));
    storage = new FilesystemStorage(path.join(directory, 'linked-root'));
    expect(await read(await only('current/a.csv'))).toBe('inside');
    expect(await find('current/*.csv')).toEqual(['current/a.csv']);
  });

  it('are never those outside, however fast directories and links are swapped', async () => {
    await put('swap/outside.csv', 'public');
    const child = spawn(process.execPath, ['-e', SWAP], { cwd: root, stdio: 'ignore' });
    const counts = { public: 0, refused: 0 };
    try {
      await until(
        'both have been seen often',
        async () => {
          for (let attempt = 0; attempt < 200; attempt += 1) {
            const result = await read(unknown('swap/outside.csv')).catch(() => 'refused');
            expect(result).not.toBe('secret');
            counts[result === 'public' ? 'public' : 'refused'] += 1;
          }
          return counts.public > 200 && counts.refused > 200;
        },
        50_000,
      );
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });

  it('stay the same file while they are read, when the name becomes a link to another', async () => {
    const content = Buffer.alloc(BIG, 'a');
    await put('a', content);
    const { content: stream } = await storage.open(unknown('a'), 0, unhurried());
    const bytes = buffer(stream);
    await symlink('../outside.csv', path.join(root, 'b'));
    await rename(path.join(root, 'b'), path.join(root, 'a'));
    expect((await bytes).equals(content)).toBe(true);
    expect(await rejection(read(unknown('a')))).toMatchObject({ code: 'SourceRefused' });
  });

  it.each([
    ['written to', (name: string) => appendFile(name, 'more')],
    ['cut short', (name: string) => truncate(name, 10)],
  ])('that are %s while they are read end with an error', async (_, change) => {
    await put('a', Buffer.alloc(BIG, 'a'));
    const { content } = await storage.open(unknown('a'), 0, unhurried());
    await firstChunk(content);
    await change(path.join(root, 'a'));
    expect(await rejection(buffer(content))).toMatchObject(changed('a'));
  });

  it('are not pipes, directories or devices, and those make nobody wait', async () => {
    spawnSync('mkfifo', [path.join(root, 'pipe')]);
    expect(await rejection(read(unknown('pipe')))).toMatchObject(
      refused('"pipe" is not a file but a pipe, a socket or a device'),
    );
    expect(await rejection(read(unknown('sub')))).toMatchObject(
      refused('"sub" is a directory: name a file in it, or a pattern such as "sub/*.csv"'),
    );
    const system = filesystem.open({}, access('/dev'));
    expect(await rejection(system.find('zero', unhurried()))).toMatchObject({ code: 'SourceRefused' });
  });

  it('that do not exist are named', async () => {
    await put('file', '');
    for (const name of ['no.csv', 'no/a.csv', 'file/a.csv', 'x'.repeat(300)]) {
      expect(await rejection(storage.find(name, unhurried()))).toMatchObject(refused(`file "${name}" does not exist`));
    }
  });

  it.each([
    ['exports/{2026-01,2026-02/users.csv', 'file "%" does not exist: a brace { in it is not closed'],
    ['exports/2026-0[12/users.csv', 'file "%" does not exist: a bracket [ in it is not closed'],
    ['exports/*.{csv', 'no file matches "%": a brace { in it is not closed'],
  ])('are not found where a pattern is not closed, which the message says: %s', async (name, expected) => {
    const rest = ', so it is taken as a character of the name and not as part of a pattern';
    expect(await rejection(storage.find(name, unhurried()))).toMatchObject(refused(expected.replace('%', name) + rest));
    await put(name.replace('*', '1'), 'x');
    expect(await find(name)).toEqual([name.replace('*', '1')]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'that may not be read are named (root may read all: not tested there)',
    async () => {
      await put('a.csv', 'x');
      await chmod(path.join(root, 'a.csv'), 0);
      expect(await rejection(storage.find('a.csv', unhurried()))).toMatchObject(
        refused('Penstock has no permission to read "a.csv": change its owner or its mode'),
      );
    },
  );

  it('are found by a pattern, in the order of their paths', async () => {
    for (const name of ['b.csv', 'a.csv', 'a.txt', '.h.csv', 'sub/c.csv', 'sub/deep/d.csv', '.git/e.csv'])
      await put(name, 'x');
    expect(await find('*.csv')).toEqual(['a.csv', 'b.csv']);
    expect(await find('**/*.csv')).toEqual(['a.csv', 'b.csv', 'sub/c.csv', 'sub/deep/d.csv']);
    expect(await find('sub/**')).toEqual(['sub/c.csv', 'sub/deep/d.csv']);
    expect(await find('{sub,b}*/{c,x}.csv')).toEqual(['sub/c.csv']);
    for (const pattern of ['*.xml', 'no/*.csv', 'a.csv/*']) {
      expect(await rejection(storage.find(pattern, unhurried()))).toMatchObject(
        refused(`no file matches "${pattern}"`),
      );
    }
  });

  it('are found by a name that looks like a pattern before the pattern is', async () => {
    for (const name of ['a[1].csv', 'a1.csv']) await put(name, name);
    expect(await find('a[1].csv')).toEqual(['a[1].csv']);
    expect(await find('a[1]*.csv')).toEqual(['a1.csv']);
    await rm(path.join(root, 'a[1].csv'));
    expect(await find('a[1].csv')).toEqual(['a1.csv']);
  });

  it('are found by a pattern neither outside, nor twice, nor without end', async () => {
    await put('sub/a.csv', 'x');
    await symlink('a.csv', path.join(root, 'sub/inside.csv'));
    await symlink('../../outside.csv', path.join(root, 'sub/outside.csv'));
    await symlink('nothing', path.join(root, 'sub/dangling.csv'));
    await symlink('..', path.join(root, 'sub/loop'));
    await symlink('../..', path.join(root, 'sub/out'));
    spawnSync('mkfifo', [path.join(root, 'sub/pipe.csv')]);
    expect(await find('**/*.csv')).toEqual(['sub/a.csv', 'sub/inside.csv']);
    expect(await rejection(storage.find('sub/out/*.csv', unhurried()))).toMatchObject(
      refused('file "sub/out" is a link that leads out of the directory of files'),
    );
  });

  it('are refused when too many match', async () => {
    const script = 'cd "$0" && seq 10001 | xargs touch';
    spawnSync('sh', ['-c', script, path.join(root, 'sub')]);
    expect(await rejection(storage.find('sub/*', unhurried()))).toMatchObject(
      refused('more than 10000 files match "sub/*": make the pattern match fewer'),
    );
    expect(await find('sub/1*0')).toHaveLength(112);
  });

  it('can be read anywhere once they are open, whatever their name leads to later', async () => {
    await put('a.csv', 'inside');
    const handle = await storage.openLocal(await only('a.csv'), unhurried());
    await rm(path.join(root, 'a.csv'));
    await symlink('../outside.csv', path.join(root, 'a.csv'));
    expect(await handle.readFile('utf8')).toBe('inside');
    await handle.close();
  });

  it('are not read on when the signal is aborted', async () => {
    await put('a', Buffer.alloc(BIG, 'a'));
    const controller = new AbortController();
    const { content } = await storage.open(unknown('a'), 0, controller.signal);
    await firstChunk(content);
    const reason = new Error('stopped by the test');
    const result = rejection(buffer(content));
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(await rejection(storage.find('a', controller.signal))).toBe(reason);
    expect(await rejection(storage.open(unknown('a'), 0, controller.signal))).toBe(reason);
  });

  it('are read no further than somebody takes them', async () => {
    await put('a', Buffer.alloc(BIG, 'a'));
    const { content } = await storage.open(unknown('a'), 0, unhurried());
    await firstChunk(content);
    expect(content.readableLength).toBeLessThan(BIG / 4);
    content.destroy();
  });
});

describe('the connector filesystem', () => {
  const test = (root: string | null): Promise<unknown> => rejection(filesystem.test({}, access(root), unhurried()));

  it('says what is wrong with the directory', async () => {
    await expect(filesystem.test({}, access(tmpdir()), unhurried())).resolves.toBeUndefined();
    const none = refused('this installation has no directory for files: an operator sets FILESYSTEM_ROOT');
    expect(await test(null)).toMatchObject(none);
    expect(await rejection(filesystem.open({}, access(null)).find('a', unhurried()))).toMatchObject(none);
    expect(() => filesystem.open({}, access(null)).absolutePath('a')).toThrow(expect.objectContaining(none));
    expect(await test(path.join(tmpdir(), 'penstock-no-such-directory'))).toMatchObject(
      refused('the directory for files does not exist: an operator checks FILESYSTEM_ROOT'),
    );
    expect(await test(process.execPath)).toMatchObject(
      refused('the directory for files is not a directory: an operator checks FILESYSTEM_ROOT'),
    );
  });

  it('has no settings', () => {
    expect(() => filesystem.open({ root: '/' }, access('/'))).toThrow(
      expect.objectContaining({ code: 'InvalidSettings' }),
    );
  });
});
