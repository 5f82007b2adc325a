import type { Writable } from 'node:stream';
import type { DestinationRow } from '@penstock/engine';
import { ChunkWriter, type WrittenChunk } from './chunk-writer.js';
import type { ColumnShape } from './column-shape.js';
import type { PageCodec } from './compress-page.js';
import type { LeafWriter } from './leaf-writer.js';

/** Some rows of a batch. */
export interface RowRange {
  readonly rows: readonly DestinationRow[];
  readonly start: number;
  readonly end: number;
}

/** Writes one column of the records into the leaves of its type, page by page. */
export class ColumnWriter {
  readonly #shape: ColumnShape;
  readonly #index: number;
  readonly #parts: readonly { readonly leaf: LeafWriter; readonly chunk: ChunkWriter }[];

  /** @param index position of the column in the records */
  constructor(shape: ColumnShape, index: number, codec: PageCodec) {
    this.#shape = shape;
    this.#index = index;
    this.#parts = shape.leaves.map((leaf) => ({ leaf, chunk: new ChunkWriter(codec) }));
  }

  /** Bytes that the row group has of it so far. */
  get bytes(): number {
    let bytes = 0;
    for (const { leaf, chunk } of this.#parts) bytes += leaf.bytes + chunk.storedBytes;
    return bytes;
  }

  async add({ rows, start, end }: RowRange): Promise<void> {
    for (let at = start; at < end; ) {
      at = this.#fill(rows, at, end);
      for (const { leaf, chunk } of this.#parts) if (leaf.isFull) await leaf.endPage(chunk);
    }
  }

  /** Ends the row group, and writes its chunks one after the other. */
  async moveTo(out: Writable, start: number): Promise<readonly WrittenChunk[]> {
    const written: WrittenChunk[] = [];
    let at = start;
    for (const { leaf, chunk } of this.#parts) {
      await leaf.endPage(chunk);
      leaf.release();
      const moved = await chunk.moveTo(out, at);
      written.push(moved);
      at += moved.storedBytes;
    }
    return written;
  }

  /** Appends rows until a page is full; says which row is the next. */
  #fill(rows: readonly DestinationRow[], start: number, end: number): number {
    const index = this.#index;
    const shape = this.#shape;
    let at = start;
    while (at < end) {
      shape.write(rows[at]?.[index] ?? null, 0);
      at += 1;
      if (this.#isFull()) break;
    }
    return at;
  }

  #isFull(): boolean {
    const parts = this.#parts;
    for (let index = 0; index < parts.length; index += 1) if (parts[index]?.leaf.isFull === true) return true;
    return false;
  }
}
