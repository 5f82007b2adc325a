import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import type { LocalFile } from '../files/file-format.js';
import { explainNoZip } from './file-kind.js';
import { corruptPart, type PartName, tooLarge } from './invalid-file.js';
import { MAX_PART_LIST_BYTES, MAX_PARTS } from './limits.js';
import { mebibytes, PartStream } from './part-stream.js';
import { ZipSource } from './zip-source.js';

const STORED = 0;
const DEFLATED = 8;
const OPTIONS = { autoClose: false, lazyEntries: true, decodeStrings: false };

export interface PartRequest {
  /** Path in the archive, as a relationship names it: without a slash at its beginning. */
  readonly path: string;
  readonly name: PartName;
  readonly maxBytes: number;
}

/** The parts of a file that is a zip file. */
export class Archive {
  readonly #file: LocalFile;
  readonly #source: ZipSource;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(
    file: LocalFile,
    source: ZipSource,
    opened: { zip: ZipFile; entries: ReadonlyMap<string, Entry> },
  ) {
    this.#file = file;
    this.#source = source;
    this.#zip = opened.zip;
    this.#entries = opened.entries;
  }

  /** @throws AppError InvalidFile when the file is no zip file, or its list of parts cannot be read. */
  static async open(file: LocalFile, signal: AbortSignal): Promise<Archive> {
    const problem = await explainNoZip(file);
    if (problem !== null) throw problem;
    const source = new ZipSource(file);
    const zip = await attempt(source, () => openZip(source, file.size));
    try {
      const entries = await attempt(source, () => readEntries(zip, signal));
      return new Archive(file, source, { zip, entries });
    } catch (error) {
      zip.close();
      signal.throwIfAborted();
      throw error;
    }
  }

  has(path: string): boolean {
    return this.#entries.has(key(path));
  }

  /** Begins to read a part. @throws AppError InvalidFile */
  async open({ path, name, maxBytes }: PartRequest, signal: AbortSignal): Promise<PartStream> {
    const entry = this.#entries.get(key(path));
    if (entry === undefined) throw corruptPart(name, 'is missing');
    if (entry.isEncrypted()) throw corruptPart(name, 'is encrypted');
    if (![STORED, DEFLATED].includes(entry.compressionMethod)) {
      throw corruptPart(name, 'is compressed in a way that workbooks do not use');
    }
    if (entry.uncompressedSize > maxBytes) throw tooLarge(name, mebibytes(maxBytes));
    const { fileDataStart: start } = await attempt(this.#source, () =>
      this.#zip.readLocalFileHeaderPromise(entry, { minimal: true }),
    );
    return new PartStream(this.#file.stream(start, start + entry.compressedSize), entry, { name, maxBytes, signal });
  }

  /** Idempotent. */
  close(): void {
    this.#zip.close();
  }
}

async function openZip(source: ZipSource, size: number): Promise<ZipFile> {
  const failed = new Promise<never>((_, reject) => source.once('error', reject));
  const zip = await Promise.race([fromRandomAccessReaderPromise(source, size, OPTIONS), failed]);
  zip.on('error', () => undefined);
  return zip;
}

async function readEntries(zip: ZipFile, signal: AbortSignal): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    bytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentRaw.length;
    if (bytes > MAX_PART_LIST_BYTES) throw tooLarge('list of parts', mebibytes(MAX_PART_LIST_BYTES));
    if (entries.size >= MAX_PARTS) throw tooLarge('list of parts', `${MAX_PARTS} entries`);
    entries.set(key(entry.fileNameRaw.toString()), entry);
  }
  return entries;
}

/** Names of parts do not tell upper from lower case, and some writers use backslashes or begin with a slash. */
function key(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

/** What the file throws passes through; what the zip reader throws is about the zip. */
async function attempt<T>(source: ZipSource, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (source.failure !== null) throw source.failure.error;
    if (error instanceof Error && error.name !== 'Error' && error.name !== 'RangeError') throw error;
    throw corruptPart('list of parts', 'cannot be read, or is cut off', error);
  }
}
