import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesystem } from '../src/filesystem/filesystem.js';
import { storageConformance } from './storage-conformance.js';

storageConformance('filesystem', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'penstock-filesystem-'));
  const access = { filesystemRoot: root, allowPrivateNetworks: false, maxFileBytes: 2 ** 40 };
  return {
    open: () => filesystem.open({}, access),
    hasPatterns: filesystem.hasPatterns,
    put: async (name, data) => {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), data);
    },
    remove: (name) => rm(path.join(root, name)),
    invalidPaths: ['', '..', 'a/../../b', '/etc/passwd', 'a//b', 'a\0b'],
    secrets: [],
    working: async () => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).filter((target) => target.startsWith(root)).length;
    },
    stop: () => rm(root, { recursive: true }),
  };
});
