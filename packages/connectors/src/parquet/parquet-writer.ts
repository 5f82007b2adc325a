import type { Writable } from 'node:stream';
import type { DestinationRow } from '@penstock/engine';
import { cannotWrite } from '../files/destination-error.js';
import type { FormatWriteRequest, FormatWriter } from '../files/file-format.js';
import { writeBytes } from '../files/write-bytes.js';
import type { WrittenChunk } from './chunk-writer.js';
import { columnShape, countLeaves } from './column-shape.js';
import { ColumnWriter, type RowRange } from './column-writer.js';
import { pageCodec } from './compress-page.js';
import type { PageCompression } from './write-settings.js';
import { footer, MAGIC, rowGroupMetadata, type WrittenLeaves } from './written-footer.js';
import { rootElement } from './written-schema.js';

const MIB = 1024 * 1024;
/** A row group is complete with this many records, or this many bytes: memory grows in steps to twice of what it holds. */
const GROUP_ROWS = 100_000;
const GROUP_BYTES = 24 * MIB;
/** Rows after which the bytes are looked at. */
const SLICE_ROWS = 500;
/** Bytes of a page, and of the pages of all columns together: who reads a record needs one of each, as who writes it does. */
const PAGE_BYTES = MIB;
const OPEN_BYTES = 16 * MIB;
const MIN_PAGE_BYTES = 1024;
/** Bytes of what the footer says of row groups, which is held to the end: more is not read by Penstock either. */
const MAX_METADATA_BYTES = 31 * MIB;

/** Writes a file of Parquet: row groups of some MiB, whose columns are collected side by side, in pages that are compressed when full. */
export class ParquetWriter implements FormatWriter {
  readonly #out: Writable;
  readonly #columns: readonly ColumnWriter[];
  readonly #schema: readonly Buffer[];
  readonly #written: WrittenLeaves;
  readonly #groups: Buffer[] = [];
  #offset = 0;
  #rows = 0;
  #groupRows = 0;
  #metadataBytes = 0;

  constructor(out: Writable, { columns }: FormatWriteRequest, compression: PageCompression) {
    const codec = pageCodec(compression);
    const leaves = columns.reduce((count, { type }) => count + countLeaves(type), 0);
    const pageBytes = Math.max(MIN_PAGE_BYTES, Math.min(PAGE_BYTES, Math.floor(OPEN_BYTES / leaves)));
    const root = { names: [], definition: 0, repetition: 0, groups: 0, pageBytes };
    const shapes = columns.map(({ name, type }) => columnShape(name, type, root));
    this.#out = out;
    this.#columns = shapes.map((shape, index) => new ColumnWriter(shape, index, codec));
    this.#schema = [rootElement(columns.length), ...shapes.flatMap(({ elements }) => elements)];
    this.#written = { leaves: shapes.flatMap(({ leaves }) => leaves), codec: codec.number };
  }

  async write(rows: readonly DestinationRow[]): Promise<void> {
    for (let start = 0; start < rows.length; ) {
      const end = Math.min(rows.length, start + SLICE_ROWS, start + GROUP_ROWS - this.#groupRows);
      await this.#add({ rows, start, end });
      start = end;
    }
  }

  async end(): Promise<void> {
    if (this.#groupRows > 0) await this.#endGroup();
    if (this.#offset === 0) await this.#send(MAGIC);
    await this.#send(footer(this.#schema, this.#groups, this.#rows));
  }

  async #add(range: RowRange): Promise<void> {
    let bytes = 0;
    for (const column of this.#columns) {
      await column.add(range);
      bytes += column.bytes;
    }
    this.#groupRows += range.end - range.start;
    if (this.#groupRows >= GROUP_ROWS || bytes >= GROUP_BYTES) await this.#endGroup();
  }

  async #endGroup(): Promise<void> {
    if (this.#offset === 0) await this.#send(MAGIC);
    const chunks: WrittenChunk[] = [];
    for (const column of this.#columns) {
      const written = await column.moveTo(this.#out, this.#offset);
      for (const chunk of written) this.#offset += chunk.storedBytes;
      chunks.push(...written);
    }
    this.#note(rowGroupMetadata({ rows: this.#groupRows, chunks }, this.#written));
    this.#rows += this.#groupRows;
    this.#groupRows = 0;
  }

  #note(metadata: Buffer): void {
    this.#metadataBytes += metadata.length;
    if (this.#metadataBytes > MAX_METADATA_BYTES) {
      throw cannotWrite('a Parquet file cannot hold so many records with so many columns: export fewer of either');
    }
    this.#groups.push(metadata);
  }

  async #send(bytes: Buffer): Promise<void> {
    await writeBytes(this.#out, bytes);
    this.#offset += bytes.length;
  }
}
