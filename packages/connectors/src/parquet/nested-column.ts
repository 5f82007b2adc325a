import type { AppError } from '@penstock/domain';
import type { RawField } from '@penstock/engine';
import type { ColumnReader } from './column-reader.js';
import { unreadable } from './corrupt.js';
import { LeafCursor } from './leaf-cursor.js';
import type { LeafReader } from './leaf-reader.js';
import { compileShape, type ReadValue } from './read-shape.js';
import type { Shape } from './shape.js';

/** Bytes that the leaves of a column hold together, unless one record has more. */
const HELD_BYTES = 16 * 1024 * 1024;
const MIN_HELD_BYTES = 64 * 1024;
/** Beyond so many it is one record that has them. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/** A column of lists, maps and groups, whose leaves are put together record by record. */
export class NestedColumn implements ColumnReader {
  readonly #cursors: readonly LeafCursor[];
  readonly #read: ReadValue;
  readonly #fields: RawField[] = [];
  readonly bytesPerRecord = 0;
  characters = 0;

  constructor(shape: Shape, readers: readonly LeafReader[]) {
    const enough = Math.max(MIN_HELD_BYTES, HELD_BYTES / readers.length);
    this.#cursors = readers.map((reader) => new LeafCursor(reader, enough));
    this.#read = compileShape(shape, this.#cursors.values());
  }

  get available(): number {
    return this.#cursors.reduce((least, cursor) => Math.min(least, cursor.records), Number.POSITIVE_INFINITY);
  }

  get bytes(): number {
    return this.#cursors.reduce((sum, cursor) => sum + cursor.bytes, 0);
  }

  get held(): number {
    return this.#cursors.reduce((sum, cursor) => sum + cursor.held, 0);
  }

  async load(): Promise<boolean> {
    for (const cursor of this.#cursors) {
      if (cursor.records > 0) continue;
      const others = this.held - cursor.held;
      await cursor.load();
      if (others + cursor.held > MAX_HELD_BYTES) throw tooLarge(cursor.leaf.path);
    }
    return this.available > 0;
  }

  take(count: number): RawField[] {
    this.characters = this.held;
    for (let index = 0; index < count; index += 1) {
      this.#fields[index] = this.#read();
      for (const cursor of this.#cursors) cursor.endRecord();
    }
    return this.#fields;
  }
}

function tooLarge(path: string): AppError {
  return unreadable(`records with column "${path}" need more than ${MAX_HELD_BYTES} bytes of memory`);
}
