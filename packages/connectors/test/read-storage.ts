import { buffer } from 'node:stream/consumers';
import type { FileAccess, FileStorage } from '../src/files/file-storage.js';
import { unhurried } from './read-source.js';

/** What a test allows: its servers are at 127.0.0.1. */
export const OPEN_ACCESS: FileAccess = { filesystemRoot: null, allowPrivateNetworks: true, maxFileBytes: 2 ** 40 };

/** The paths that a path or a pattern stands for. */
export async function pathsOf(storage: FileStorage, path: string): Promise<readonly string[]> {
  return (await storage.find(path, unhurried())).map((file) => file.path);
}

/** All bytes of a file from an offset on. */
export async function bytesOf(storage: FileStorage, path: string, offset = 0): Promise<Buffer> {
  const [file] = await storage.find(path, unhurried());
  if (file === undefined) throw new Error('no file');
  return await buffer((await storage.open(file, offset, unhurried())).content);
}
