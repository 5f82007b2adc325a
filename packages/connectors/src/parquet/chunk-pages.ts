import { crc32 } from 'node:zlib';
import type { RawField } from '@penstock/engine';
import type { LocalFile } from '../files/file-format.js';
import { corrupt, unreadable } from './corrupt.js';
import { checkCodec, decompress } from './decompress.js';
import { FileWindow } from './file-window.js';
import type { Leaf } from './leaf.js';
import { type Dictionary, openPage, type Page } from './page.js';
import { MAX_PAGE_BYTES, type PageBudget } from './page-budget.js';
import { DATA_PAGE, DATA_PAGE_V2, DICTIONARY_PAGE, type PageHeader, readPageHeader } from './page-header.js';
import { PlainBytes } from './plain-bytes.js';
import type { Chunk } from './row-group.js';

/** A header has some dozens of bytes, or more where it says the least and the greatest text. */
const HEADER_BYTES = 1024;
const MAX_HEADER_BYTES = 1024 * 1024;
/** What a value of a dictionary takes in memory beside its bytes, about. */
const VALUE_BYTES = 40;
const SMALL_BYTES = 4096;

/** Where a chunk is read from, and within which limits. */
export interface PageSource {
  readonly file: LocalFile;
  /** Where the data of the file ends. */
  readonly dataEnd: number;
  /** Bytes that are read at once. */
  readonly pieceBytes: number;
  readonly budget: PageBudget;
  readonly signal: AbortSignal;
}

/** The pages of one column in one row group, one at a time. */
export class ChunkPages {
  readonly #chunk: Chunk;
  readonly #leaf: Leaf;
  readonly #budget: PageBudget;
  readonly #window: FileWindow;
  readonly #signal: AbortSignal;
  #dictionary: Dictionary | undefined;
  #pageBytes = 0;
  /** Values and nulls that are still to come. */
  #left: number;

  /** Throws AppError InvalidFile. */
  constructor(chunk: Chunk, leaf: Leaf, source: PageSource) {
    if (chunk.path !== leaf.path || chunk.physical !== leaf.physical) {
      throw corrupt(`a row group has column "${chunk.path}" in the place of "${leaf.path}"`);
    }
    checkCodec(chunk.codec);
    [this.#chunk, this.#leaf, this.#budget, this.#left] = [chunk, leaf, source.budget, chunk.entries];
    this.#signal = source.signal;
    // Old writers have counted too few bytes: that number is not relied on.
    const part = { start: chunk.start, expectedEnd: chunk.start + chunk.bytes, end: source.dataEnd };
    this.#window = new FileWindow(source.file, part, source.pieceBytes);
  }

  /** The next page that has something; undefined after the last one. Throws AppError InvalidFile. */
  async next(): Promise<Page | undefined> {
    this.#budget.release(this.#pageBytes);
    this.#pageBytes = 0;
    while (this.#left > 0) {
      // Pages can be empty, and many.
      this.#signal.throwIfAborted();
      const header = await this.#header();
      if (header.type === DICTIONARY_PAGE) {
        this.#dictionary = this.#openDictionary(await this.#body(header), header);
      } else if (header.type === DATA_PAGE || header.type === DATA_PAGE_V2) {
        const bytes = await this.#body(header);
        this.#left -= header.entries;
        if (header.entries < 0 || this.#left < 0) throw corrupt(`column "${this.#leaf.path}" has too many values`);
        this.#pageBytes = bytes.length;
        this.#budget.reserve(bytes.length);
        if (header.entries > 0) return openPage(bytes, header, this.#leaf, this.#dictionary);
      } else {
        // Pages with indexes have no values.
        this.#window.skip(header.storedBytes);
      }
    }
    return undefined;
  }

  async #header(): Promise<PageHeader> {
    for (let size = HEADER_BYTES; ; size *= 8) {
      const bytes = await this.#window.peek(size);
      try {
        const header = readPageHeader(bytes, 0);
        this.#window.skip(header.headerBytes);
        return header;
      } catch (error) {
        if (bytes.length >= Math.min(MAX_HEADER_BYTES, this.#window.left)) throw error;
      }
    }
  }

  async #body(header: PageHeader): Promise<Buffer> {
    const { storedBytes, plainBytes } = header;
    if (storedBytes > this.#window.left) throw corrupt('a page is said to be longer than the file');
    if (Math.max(storedBytes, plainBytes) > MAX_PAGE_BYTES) {
      throw unreadable(
        `column "${this.#leaf.path}" has a page of ${Math.max(storedBytes, plainBytes)} bytes, at most ${MAX_PAGE_BYTES} are read; write it with smaller pages`,
      );
    }
    const stored = (await this.#window.peek(storedBytes)).subarray(0, storedBytes);
    this.#window.skip(storedBytes);
    if (header.crc !== undefined && crc32(stored) !== header.crc >>> 0) {
      throw corrupt(`the checksum of a page of column "${this.#leaf.path}" is wrong`);
    }
    return this.#plain(stored, header);
  }

  /** Levels of pages of version 2 are not compressed. */
  #plain(stored: Buffer, { type, plainBytes, compressed, definitionBytes, repetitionBytes }: PageHeader): Buffer {
    const { codec } = this.#chunk;
    if (type !== DATA_PAGE_V2) return decompress(codec, stored, plainBytes);
    const levels = definitionBytes + repetitionBytes;
    if (levels > Math.min(stored.length, plainBytes)) throw corrupt('the levels of a page are longer than the page');
    if (!compressed || codec === 0) return stored;
    const values = decompress(codec, stored.subarray(levels), plainBytes - levels);
    return Buffer.concat([stored.subarray(0, levels), values]);
  }

  #openDictionary(bytes: Buffer, { entries }: PageHeader): Dictionary {
    if (this.#dictionary !== undefined) throw corrupt(`column "${this.#leaf.path}" has two dictionaries`);
    if (entries < 0 || entries > 8 * bytes.length) throw corrupt('a dictionary is said to have more values than bytes');
    this.#budget.reserve(bytes.length + entries * VALUE_BYTES);
    const values: RawField[] = [];
    this.#leaf.decode(new PlainBytes(bytes, 0, bytes.length), entries, values);
    return { values, bytesPerValue: bytesOf(values, bytes.length / Math.max(1, entries)) };
  }
}

/** Where one is large, all records may have that one. */
function bytesOf(values: readonly RawField[], average: number): number {
  const greatest = values.reduce<number>((most, value) => {
    return typeof value === 'string' ? Math.max(most, value.length) : most;
  }, 0);
  return greatest > SMALL_BYTES ? greatest : average;
}
