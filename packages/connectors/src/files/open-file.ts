import type { Compression } from '@penstock/domain';
import { canonicalDatetime, type SourceBatch } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { type OpenedContent, openContent } from './file-content.js';
import { isOfFile, nameFile } from './file-errors.js';
import type { FileColumn, FileFormat, FileReader } from './file-format.js';
import { type FileAccess, type FileStorage, nameOf, type StoredFile } from './file-storage.js';
import type { Patience } from './resuming-stream.js';

/** How the files of a read are read. */
export interface FileManner {
  readonly format: FileFormat;
  /** null where the format has no sheets. */
  readonly sheet: string | null;
  /** null reads files as they are. */
  readonly compression: Compression | null;
  /** null where the columns are to be found out. */
  readonly expected: ObjectType | null;
  readonly access: Pick<FileAccess, 'maxFileBytes'>;
  readonly patience?: Patience;
  /** Greatest size in bytes of what is copied to this machine, where it is less than what may be read. */
  readonly maxCopyBytes?: number;
  /** Tells a watchdog that the read goes on: with every file that is opened or ends, and with every MiB that is copied. */
  readonly onProgress?: () => void;
}

/** A file of a storage that is being read as records. Its errors name the file. */
export interface OpenFile {
  /** What messages call it. */
  readonly name: string;
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  /** Its records, with the file's own time. Once. */
  batches(): AsyncIterable<SourceBatch>;
  /** Idempotent, never throws. */
  close(): Promise<void>;
}

/** Opens a file so far that its columns are known. Throws as formats and storages do. */
export async function openFile(
  storage: FileStorage,
  file: StoredFile,
  { manner, signal }: { readonly manner: FileManner; readonly signal: AbortSignal },
): Promise<OpenFile> {
  const { format, sheet, expected } = manner;
  const content = openContent({ storage, file, ...manner }, signal);
  try {
    const reader = await format.open(content, { sheet, expected }, signal);
    manner.onProgress?.();
    return new ReadableFile(nameOf(file), content, reader);
  } catch (error) {
    const why = await explain(error, nameOf(file), content);
    await content.close();
    signal.throwIfAborted();
    throw why;
  }
}

/** What was wrong with a file, by its name: one that was written while it was read is not wrong, but another one. */
export async function explain(error: unknown, name: string, content: OpenedContent): Promise<unknown> {
  if (!isOfFile(error)) return error;
  const named = nameFile(name, error);
  return await content.checkUnchanged().then(
    () => named,
    (reason: unknown) => reason,
  );
}

class ReadableFile implements OpenFile {
  readonly name: string;
  readonly #content: OpenedContent;
  readonly #reader: FileReader;

  constructor(name: string, content: OpenedContent, reader: FileReader) {
    this.name = name;
    this.#content = content;
    this.#reader = reader;
  }

  get columns(): readonly FileColumn[] {
    return this.#reader.columns;
  }

  get issues(): readonly string[] {
    return this.#reader.issues;
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    try {
      // The time may become known only when the file is read.
      let time: Date | null = null;
      let updatedAt: string | undefined;
      for await (const batch of this.#reader.batches()) {
        if (this.#content.modifiedAt !== time) {
          time = this.#content.modifiedAt;
          updatedAt = time === null ? undefined : canonicalTime(time);
        }
        yield updatedAt === undefined ? batch : { ...batch, updatedAt };
      }
    } catch (error) {
      throw await explain(error, this.name, this.#content);
    }
    await this.#content.checkUnchanged();
  }

  async close(): Promise<void> {
    // A reader may wait for content that does not come.
    const closing = this.#content.close();
    await this.#reader.close();
    await closing;
  }
}

/** A time as canonical datetime; undefined for one that is none, or outside of the years that a datetime can have. */
export function canonicalTime(time: Date): string | undefined {
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999 ? canonicalDatetime(time.getTime()) : undefined;
}
