import type { RawField } from '@penstock/engine';
import { BATCH_BYTES, BATCH_ROWS } from '../files/limits.js';
import type { ChunkPages } from './chunk-pages.js';
import type { Leaf } from './leaf.js';
import type { Page } from './page.js';

/** Entries of a leaf, which are values and what is absent instead of one. */
export interface Entries {
  readonly count: number;
  /** Undefined where all are 0. */
  readonly repetition: Uint8Array | undefined;
  /** Undefined where all are the greatest. */
  readonly definition: Uint8Array | undefined;
  /** The values alone, at the front. */
  readonly values: RawField[];
  /** How many values there are. */
  readonly present: number;
}

/** Reads the entries of one leaf in one row group. What it returns is valid until it is asked again. */
export class LeafReader {
  readonly leaf: Leaf;
  readonly #pages: ChunkPages;
  #page: Page | undefined;
  #left = 0;
  /** How many entries are taken at once, so that they do not take too much memory. */
  #atOnce = 0;
  readonly #repetition = new Uint8Array(BATCH_ROWS);
  readonly #definition = new Uint8Array(BATCH_ROWS);
  readonly #values: RawField[] = [];

  constructor(pages: ChunkPages, leaf: Leaf) {
    this.#pages = pages;
    this.leaf = leaf;
  }

  /** Entries that can be taken now; none until `load`. */
  get available(): number {
    return Math.min(this.#left, this.#atOnce);
  }

  get bytesPerValue(): number {
    return this.#page?.bytesPerValue ?? 0;
  }

  /** Opens the next page when the one at hand is read. False after the last one. Throws AppError InvalidFile. */
  async load(): Promise<boolean> {
    if (this.#left > 0) return true;
    this.#page = await this.#pages.next();
    if (this.#page === undefined) return false;
    this.#left = this.#page.entries;
    this.#atOnce = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_BYTES / Math.max(1, this.#page.bytesPerValue))));
    return true;
  }

  /** Takes entries, at most those that are available. Throws AppError InvalidFile. */
  take(count: number): Entries {
    const page = this.#page;
    if (page === undefined || count > this.#left) throw new Error('entries are taken that are not loaded');
    this.#left -= count;
    page.repetition?.read(this.#repetition, count);
    page.definition?.read(this.#definition, count);
    const present = page.definition === undefined ? count : this.#present(count);
    page.values.read(present, this.#values);
    return {
      count,
      repetition: page.repetition && this.#repetition,
      definition: page.definition && this.#definition,
      values: this.#values,
      present,
    };
  }

  #present(count: number): number {
    const { maxDefinition } = this.leaf;
    let present = 0;
    for (let index = 0; index < count; index += 1) {
      if (this.#definition[index] === maxDefinition) present += 1;
    }
    return present;
  }
}
