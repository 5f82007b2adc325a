import type { FileHandle } from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { asDestinationError } from '../files/destination-error.js';
import type { FileStorage, FileUpload, NewFile, OpenedFile, StoredFile } from '../files/file-storage.js';
import { isPattern } from '../files/path-pattern.js';
import { changed } from '../files/resuming-stream.js';
import { type ContainedFile, openContained } from './contained-file.js';
import { createFile } from './create-file.js';
import { FileBytes } from './file-bytes.js';
import { fileSystemError, isMissing, refused } from './file-system-error.js';
import { findFiles } from './find-files.js';
import { checkRelativePath } from './relative-path.js';

/** The files below a directory of this machine. */
export class FilesystemStorage implements FileStorage {
  readonly #root: string | null;

  /** @param root absolute; null where the operator gave none */
  constructor(root: string | null) {
    this.#root = root;
  }

  absolutePath(relative: string): string {
    checkRelativePath(relative);
    return path.join(requireRoot(this.#root), relative);
  }

  async find(relative: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
    signal.throwIfAborted();
    try {
      const { handle, file } = await this.#openFile(relative);
      await handle.close();
      return [file];
    } catch (error) {
      // A file of exactly that name is that file, whatever characters it has.
      if (!isPattern(relative) || !isMissing(error)) throw fileSystemError(error, relative);
    }
    return await findFiles(await resolveRoot(this.#root), relative, signal);
  }

  async open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    signal.throwIfAborted();
    const opened = await this.#open(file.path);
    if (offset > 0 && opened.file.version !== file.version) {
      await opened.handle.close();
      throw changed(file.path);
    }
    return { file: opened.file, content: new FileBytes(opened, offset, signal) };
  }

  async openLocal(file: StoredFile, signal: AbortSignal): Promise<FileHandle> {
    signal.throwIfAborted();
    return (await this.#open(file.path)).handle;
  }

  async create(file: NewFile, signal: AbortSignal): Promise<FileUpload> {
    checkRelativePath(file.path);
    const root = await resolveRoot(this.#root).catch((error: unknown) => {
      throw asDestinationError(error);
    });
    return await createFile(root, file, signal);
  }

  /** There is nothing but what callers have opened. */
  async close(): Promise<void> {}

  async #open(relative: string): Promise<ContainedFile> {
    try {
      return await this.#openFile(relative);
    } catch (error) {
      throw fileSystemError(error, relative);
    }
  }

  async #openFile(relative: string): Promise<ContainedFile> {
    checkRelativePath(relative);
    return await openContained(await resolveRoot(this.#root), relative);
  }
}

/** The directory of files without links. Throws AppError SourceRefused. */
export async function resolveRoot(root: string | null): Promise<string> {
  try {
    return await realpath(requireRoot(root));
  } catch (error) {
    if (!isMissing(error)) throw fileSystemError(error, 'FILESYSTEM_ROOT');
    throw refused('the directory for files does not exist: an operator checks FILESYSTEM_ROOT');
  }
}

function requireRoot(root: string | null): string {
  if (root !== null) return root;
  throw refused('this installation has no directory for files: an operator sets FILESYSTEM_ROOT');
}
