import type { ReadFrom, Source } from '@penstock/engine';
import type { FileStorageConnector } from '../connector.js';
import type { FileAccess, FileStorage, StoredFile } from './file-storage.js';
import { FilesReader } from './files-reader.js';
import type { FileManner } from './open-file.js';

/** Which files are read, and how. */
export interface FileSourceDefinition extends Omit<FileManner, 'access' | 'onProgress'> {
  /** A path in the storage, or a pattern of paths. */
  readonly path: string;
}

/** Files of a storage as a source of runs: those of a pattern are read as one. The storage is opened anew by every read. */
export function openFileSource(
  connector: FileStorageConnector,
  settings: unknown,
  access: FileAccess,
  definition: FileSourceDefinition,
): Source {
  return new FileSource(() => connector.open(settings, access), { ...definition, access });
}

export class FileSource implements Source {
  readonly #openStorage: () => FileStorage;
  readonly #definition: FileSourceDefinition & Pick<FileManner, 'access'>;

  constructor(openStorage: () => FileStorage, definition: FileSourceDefinition & Pick<FileManner, 'access'>) {
    this.#openStorage = openStorage;
    this.#definition = definition;
  }

  /** Files are always read whole: they cannot tell what is new in them. */
  async open(_from: ReadFrom | null, signal: AbortSignal, onProgress?: () => void): Promise<FilesReader> {
    signal.throwIfAborted();
    const { path, ...defined } = this.#definition;
    const manner = onProgress === undefined ? defined : { ...defined, onProgress };
    const storage = this.#openStorage();
    const files = await findFiles(storage, path, signal);
    return await FilesReader.open({ storage, files, manner }, signal);
  }
}

/** The files of a path, at least one. What goes wrong closes the storage. */
export async function findFiles(
  storage: FileStorage,
  path: string,
  signal: AbortSignal,
): Promise<readonly [StoredFile, ...StoredFile[]]> {
  try {
    const [first, ...others] = await storage.find(path, signal);
    if (first === undefined) throw new Error('a storage found no file, and did not say so');
    return [first, ...others];
  } catch (error) {
    await storage.close();
    signal.throwIfAborted();
    throw error;
  }
}
