import { opendir, stat } from 'node:fs/promises';
import { z } from 'zod';
import { defineFileStorage } from '../connector.js';
import { fileSystemError, refused } from './file-system-error.js';
import { FilesystemStorage, resolveRoot } from './filesystem-storage.js';

/** Files of the machine that Penstock runs on, below the directory that the operator chose. */
export const filesystem = defineFileStorage({
  code: 'filesystem',
  label: 'File System',
  settingsSchema: z.strictObject({}),
  roles: ['Source', 'Destination'],
  hasPatterns: true,
  open: (_settings, access) => new FilesystemStorage(access.filesystemRoot),
  test: async (_settings, access, signal) => {
    signal.throwIfAborted();
    await testRoot(await resolveRoot(access.filesystemRoot));
  },
});

async function testRoot(root: string): Promise<void> {
  try {
    if (!(await stat(root)).isDirectory()) {
      throw refused('the directory for files is not a directory: an operator checks FILESYSTEM_ROOT');
    }
    const directory = await opendir(root);
    await directory.close();
  } catch (error) {
    throw fileSystemError(error, 'FILESYSTEM_ROOT');
  }
}
