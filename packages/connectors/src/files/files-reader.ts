import type { RawRow, SourceBatch, SourceReader, UnreadableRecord } from '@penstock/engine';
import { checkColumns, projection, type WantedColumns } from './align-file.js';
import type { FileColumn } from './file-format.js';
import { type FileStorage, nameOf, type StoredFile } from './file-storage.js';
import { type FileManner, type OpenFile, openFile } from './open-file.js';

/** The files of a read, found, with what is needed to read them. */
export interface FilesToRead {
  /** Is closed with the reader. */
  readonly storage: FileStorage;
  /** At least one. */
  readonly files: readonly [StoredFile, ...StoredFile[]];
  readonly manner: FileManner;
}

const CLOSED = 'the reader was closed';

/** Reads files one after the other, as one: with the columns of the first one. */
export class FilesReader implements SourceReader {
  readonly subject: string;
  readonly columns: readonly FileColumn[];
  /** What the format says of the first file. */
  readonly issues: readonly string[];
  readonly #read: FilesToRead;
  readonly #signal: AbortSignal;
  /** Ends with the signal, or when the reader is closed. */
  readonly #ending = new AbortController();
  #current: Promise<OpenFile>;
  #begun = false;
  #filesLeft: number;
  #closing: Promise<void> | undefined;

  private constructor(read: FilesToRead, first: OpenFile, signal: AbortSignal) {
    this.#read = read;
    this.#signal = signal;
    this.#current = Promise.resolve(first);
    this.#filesLeft = this.fileCount;
    this.subject = `file "${first.name}"`;
    this.issues = first.issues;
    this.columns = this.fileCount === 1 ? first.columns : first.columns.map(withoutDecode);
    signal.addEventListener('abort', this.#end, { once: true });
  }

  /** Opens the first file. What goes wrong closes the storage. */
  static async open(read: FilesToRead, signal: AbortSignal): Promise<FilesReader> {
    const { storage, files, manner } = read;
    try {
      return new FilesReader(read, await openFile(storage, files[0], { manner, signal }), signal);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  get fileCount(): number {
    return this.#read.files.length;
  }

  /** How many files no record was asked of. */
  get filesLeft(): number {
    return this.#filesLeft;
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    if (this.#begun) throw new Error('batches of a reader can be read only once');
    this.#begun = true;
    try {
      for (const file of this.#read.files) {
        this.#filesLeft -= 1;
        yield* this.#batchesOf(await this.#open(file));
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    this.#ending.abort(new Error(CLOSED));
    await this.#closeCurrent();
    await this.#read.storage.close();
  }

  async #open(file: StoredFile): Promise<OpenFile> {
    const { storage, files, manner } = this.#read;
    const { signal } = this.#ending;
    signal.throwIfAborted();
    if (file !== files[0]) {
      await this.#closeCurrent();
      this.#current = openFile(storage, file, { manner, signal });
    }
    return await this.#current;
  }

  async *#batchesOf(file: OpenFile): AsyncGenerator<SourceBatch, void, undefined> {
    const prepare = this.fileCount === 1 ? undefined : this.#preparation(file);
    for await (const batch of file.batches()) {
      this.#ending.signal.throwIfAborted();
      yield prepare === undefined ? batch : prepare(batch);
    }
    this.#read.manner.onProgress?.();
  }

  /** How batches of one file among many become batches of the whole. @throws AppError SchemaDrift */
  #preparation(file: OpenFile): (batch: SourceBatch) => SourceBatch {
    const { expected } = this.#read.manner;
    // Of the first file the engine itself says what is wrong with it.
    if (file.name !== nameOf(this.#read.files[0])) checkColumns(file.name, file.columns, this.#wanted());
    const needed = expected === null ? null : new Set(expected.properties.map(({ name }) => name));
    const project = projection(file.columns, this.columns, needed);
    return (batch) => prepared(batch, file.name, project);
  }

  #wanted(): WantedColumns {
    const { expected } = this.#read.manner;
    return expected === null
      ? { columns: this.columns, missing: 'does not have', saidBy: 'the first file has' }
      : { columns: expected.properties, missing: 'no longer has', saidBy: 'the pipeline was defined with' };
  }

  async #closeCurrent(): Promise<void> {
    await this.#current.then(
      (file) => file.close(),
      () => undefined,
    );
  }

  readonly #end = (): void => this.#ending.abort(this.#signal.reason);
}

function withoutDecode({ decode: _, ...column }: FileColumn): FileColumn {
  return column;
}

function prepared(batch: SourceBatch, file: string, project: ((row: RawRow) => RawRow) | undefined): SourceBatch {
  const rows = project === undefined ? batch.rows : batch.rows.map(project);
  return { ...batch, rows, unreadable: batch.unreadable.map((record) => named(record, file)) };
}

/** A record of one file among many is found by the file. */
function named(unreadable: UnreadableRecord, file: string): UnreadableRecord {
  const { record } = unreadable;
  if (record === undefined) return unreadable;
  const start = `{"file":${JSON.stringify(file)}`;
  return {
    ...unreadable,
    record: () => {
      const members = record().trim().slice(1, -1).trim();
      return members === '' ? `${start}}` : `${start},${members}}`;
    },
  };
}
