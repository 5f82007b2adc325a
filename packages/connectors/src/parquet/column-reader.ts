import type { RawField } from '@penstock/engine';
import { ChunkPages, type PageSource } from './chunk-pages.js';
import { FlatColumn } from './flat-column.js';
import type { Leaf } from './leaf.js';
import { LeafReader } from './leaf-reader.js';
import { NestedColumn } from './nested-column.js';
import type { RowGroup } from './row-group.js';
import { leavesOf, type Shape } from './shape.js';

/** The values of one column in one row group, by records. */
export interface ColumnReader {
  /** Records that can be taken now; none until `load`. */
  readonly available: number;
  /** Bytes that the records have taken so far, about. */
  readonly bytes: number;
  /** What a record takes of the page at hand, about; 0 where that is not known. */
  readonly bytesPerRecord: number;
  /** Characters of texts in the fields that were taken last, or more. */
  readonly characters: number;
  /** Bytes of values that wait to be put together, about. */
  readonly held: number;
  /** False when there are no more records. Throws AppError InvalidFile. */
  load(): Promise<boolean>;
  /** The fields of so many records, at most those that are available; valid until it is asked again, and may be changed. Throws AppError InvalidFile. */
  take(count: number): RawField[];
}

/** The leaves that columns are read from, in the order in which `openColumns` takes their chunks. */
export function allLeaves(shapes: readonly Shape[]): readonly Leaf[] {
  return shapes.flatMap(leavesOf);
}

/** Opens columns in a row group whose chunks are those of their leaves. Throws AppError InvalidFile. */
export function openColumns(shapes: readonly Shape[], group: RowGroup, source: PageSource): readonly ColumnReader[] {
  const chunks = group.chunks.values();
  const open = (leaf: Leaf): LeafReader => {
    const chunk = chunks.next().value;
    if (chunk === undefined) throw new Error('a row group is read without the chunks of its leaves');
    return new LeafReader(new ChunkPages(chunk, leaf, source), leaf);
  };
  return shapes.map((shape) => {
    const readers = leavesOf(shape).map(open);
    const [reader] = readers;
    if (reader !== undefined && shape.kind === 'leaf' && shape.definition <= 1) return new FlatColumn(reader);
    return new NestedColumn(shape, readers);
  });
}
