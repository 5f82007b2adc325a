import type { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { AppError } from '@penstock/domain';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { ZLIB_OPTIONS } from './decompress.js';
import { invalidFile, isSystemError } from './file-errors.js';
import type { LocalFile } from './file-format.js';
import { InputTap } from './input-tap.js';

/** The one file of an archive. */
export interface ZipEntry {
  /** null where the archive does not say it in UTC. */
  readonly modifiedAt: Date | null;
  /** Its bytes, once. Throws AppError InvalidFile at the end when they are not those that were put into the archive. */
  content(): AsyncIterable<Uint8Array>;
}

/** Names stay bytes: nothing is written under them, so they may be anything. */
const OPTIONS = { autoClose: false, decodeStrings: false };

/** Entries that are looked at before an archive is refused. */
const MAX_ENTRIES = 1_000;
/** Archives could not hold an earlier time when they were invented: one that is earlier stands for none. */
const FIRST_TIME = Date.UTC(1980, 0, 1);
/** Extra fields with a time in UTC, which the time that every entry has is not. */
const EXTENDED_TIMESTAMP = 0x5455;
const NTFS = 0x000a;
const STORED = 0;
const DEFLATED = 8;
const SLASH = 0x2f;
const ZIP_START = Buffer.from('PK\x03\x04');
/** Where macOS puts what a file of its own has beside its bytes. */
const MAC_EXTRAS = Buffer.from('__MACOSX/');

/** Finds the only file of a zip archive. Throws AppError InvalidFile. */
export async function openZipEntry(archive: LocalFile, signal: AbortSignal): Promise<ZipEntry> {
  let zip: ZipFile | undefined;
  try {
    zip = await fromRandomAccessReaderPromise(new ArchiveReader(archive), archive.size, OPTIONS);
    const entry = onlyFile(await filesOf(zip, signal));
    checkMethod(entry);
    const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    return {
      modifiedAt: modifiedAt(entry),
      content: () => checked(entry, dataOf(entry, archive.stream(start, start + entry.compressedSize))),
    };
  } catch (error) {
    signal.throwIfAborted();
    throw await archiveError(error, archive);
  } finally {
    zip?.close();
  }
}

class ArchiveReader extends RandomAccessReader {
  readonly #archive: LocalFile;

  constructor(archive: LocalFile) {
    super();
    this.#archive = archive;
  }

  override read(...[buffer, offset, length, position, done]: Parameters<RandomAccessReader['read']>): void {
    this.#archive.read(position, length).then((bytes) => {
      bytes.copy(buffer, offset);
      done(bytes.length === length ? null : new Error('the archive ends before what it says'));
    }, done);
  }
}

/** The first files of an archive: more than one is as wrong as any number. */
async function filesOf(zip: ZipFile, signal: AbortSignal): Promise<{ readonly files: Entry[]; readonly all: boolean }> {
  const files: Entry[] = [];
  let looked = 0;
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    const name = entry.fileNameRaw;
    const isFile = name.at(-1) !== SLASH && !name.subarray(0, MAC_EXTRAS.length).equals(MAC_EXTRAS);
    if (isFile) files.push(entry);
    looked += 1;
    if (looked === MAX_ENTRIES) return { files, all: looked === zip.entryCount };
  }
  return { files, all: true };
}

function onlyFile({ files, all }: { readonly files: readonly Entry[]; readonly all: boolean }): Entry {
  const [entry] = files;
  if (entry !== undefined && files.length === 1 && all) return entry;
  const count = all ? String(files.length) : `more than ${files.length}`;
  throw invalidFile(
    `the zip archive holds ${files.length === 0 && all ? 'no' : count} files; it must hold exactly one`,
  );
}

function checkMethod(entry: Entry): void {
  if (entry.isEncrypted()) throw encrypted();
  const { compressionMethod: method } = entry;
  if (method === STORED || method === DEFLATED) return;
  throw invalidFile(`the zip archive is compressed with method ${method}; only stored and deflated files can be read`);
}

async function* dataOf(entry: Entry, stored: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  if (entry.compressionMethod === STORED) return yield* stored as AsyncIterable<Uint8Array>;
  const tap = new InputTap(stored);
  try {
    yield* tap.through(createInflateRaw(ZLIB_OPTIONS));
  } finally {
    await tap.close();
    stored.destroy();
  }
}

/** An entry may become no larger than it says, and must become what it was. */
async function* checked(entry: Entry, data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let sum = 0;
  let size = 0;
  try {
    for await (const chunk of data) {
      sum = crc32(chunk, sum);
      size += chunk.length;
      if (size > entry.uncompressedSize) throw damaged();
      yield chunk;
    }
  } catch (error) {
    throw isSystemError(error) && error.code.startsWith('Z_') ? damaged(error) : error;
  }
  if (size !== entry.uncompressedSize || sum !== entry.crc32) throw damaged();
}

/** The time of an entry; null where it has none in UTC: nobody knows in which zone the archive was made. */
function modifiedAt(entry: Entry): Date | null {
  if (!entry.extraFields.some(hasTime)) return null;
  try {
    const at = entry.getLastModDate();
    return at.getTime() >= FIRST_TIME ? at : null;
  } catch {
    return null;
  }
}

/** Whether yauzl takes the time from an extra field. */
function hasTime({ id, data }: Entry['extraFields'][number]): boolean {
  if (id === EXTENDED_TIMESTAMP) return data.length >= 5 && (data.readUInt8(0) & 1) === 1;
  return id === NTFS && data.length === 32 && data.readUInt16LE(4) === 1 && data.readUInt16LE(6) === 24;
}

/** What yauzl finds is told apart from what happens while the archive is read: its own errors have no code. */
async function archiveError(error: unknown, archive: LocalFile): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof AppError || 'code' in error) return error;
  if (error.message.includes('encryption')) return encrypted();
  if (!error.message.startsWith('End of central directory')) return damaged(error);
  const begins = await archive.read(0, ZIP_START.length);
  if (!begins.equals(ZIP_START)) return invalidFile('is not a zip archive: choose another compression, or none', error);
  return invalidFile('the zip archive ends in the middle: the file was cut off, or is still being written', error);
}

function encrypted(): Error {
  return invalidFile('the zip archive is encrypted: make it again without a password');
}

function damaged(cause?: unknown): Error {
  return invalidFile('the zip archive is damaged: copy or make the file again', cause);
}
