import type { RawField } from '@penstock/engine';
import { BATCH_ROWS, MAX_RECORD_BYTES } from '../files/limits.js';
import { corrupt, unreadable } from './corrupt.js';
import { charactersOf } from './flat-column.js';
import type { Leaf } from './leaf.js';
import type { LeafReader } from './leaf-reader.js';

/** What an entry takes in memory beside the value's bytes, about. */
const ENTRY_BYTES = 32;
/** Bytes of the entries of one record: they are in memory together. */
const MAX_ENTRIES_BYTES = 4 * MAX_RECORD_BYTES;

/** The entries of whole records of a leaf, to be taken one by one. */
export class LeafCursor {
  readonly leaf: Leaf;
  readonly #reader: LeafReader;
  /** Beyond so many bytes no more than one record is loaded. */
  readonly #enoughBytes: number;
  #repetition: number[] = [];
  #definition: number[] = [];
  #values: RawField[] = [];
  /** Of each list above, the place of what is next. */
  #at = 0;
  #valueAt = 0;
  /** Records that begin in what is loaded. */
  #begun = 0;
  #ended = false;
  #held = 0;
  #bytes = 0;

  constructor(reader: LeafReader, enoughBytes: number) {
    this.#reader = reader;
    this.leaf = reader.leaf;
    this.#enoughBytes = enoughBytes;
  }

  /** Records whose entries are all loaded; the last one that began may go on. */
  get records(): number {
    return this.#ended ? this.#begun : Math.max(0, this.#begun - 1);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that what is loaded takes in memory, about: no fewer than its texts have characters. */
  get held(): number {
    return this.#held;
  }

  /** The level of the next entry; that of a new record is 0. */
  get repetition(): number {
    return this.#at < this.#repetition.length ? (this.#repetition[this.#at] ?? 0) : 0;
  }

  get definition(): number {
    const level = this.#definition[this.#at];
    if (level === undefined) throw corrupt(`column "${this.leaf.path}" has fewer values than others`);
    return level;
  }

  /** Takes the next entry: its value, or null where there is none. */
  take(): RawField {
    const present = this.definition === this.leaf.maxDefinition;
    this.#at += 1;
    if (!present) return null;
    this.#valueAt += 1;
    return this.#values[this.#valueAt - 1];
  }

  /** Ends a record. */
  endRecord(): void {
    if (this.repetition !== 0) throw corrupt(`column "${this.leaf.path}" has more values than others`);
    this.#begun -= 1;
  }

  /** Loads some records, at least one if there is one. Throws AppError InvalidFile. */
  async load(): Promise<void> {
    this.#compact();
    while (!this.#ended && (this.records === 0 || (this.records < BATCH_ROWS && this.#held < this.#enoughBytes))) {
      if (!(await this.#reader.load())) this.#ended = true;
      else this.#add(this.#reader.available);
      if (this.records === 0 && this.#held > MAX_ENTRIES_BYTES) {
        throw unreadable(`a record of column "${this.leaf.path}" has more than ${MAX_ENTRIES_BYTES} bytes`);
      }
    }
  }

  #add(count: number): void {
    const { repetition, definition, values, present } = this.#reader.take(count);
    const { maxDefinition, maxRepetition, path } = this.leaf;
    for (let index = 0; index < count; index += 1) {
      const [repeats, defined] = [repetition?.[index] ?? 0, definition?.[index] ?? maxDefinition];
      if (repeats > maxRepetition || defined > maxDefinition) throw corrupt(`column "${path}" has an impossible level`);
      if (repeats === 0) this.#begun += 1;
      else if (this.#begun === 0) throw corrupt(`column "${path}" begins within a record`);
      this.#repetition.push(repeats);
      this.#definition.push(defined);
    }
    for (let index = 0; index < present; index += 1) this.#values.push(values[index]);
    const bytes = present * this.#reader.bytesPerValue;
    // Of texts with their beginnings in common, a page has fewer.
    this.#held += Math.max(bytes, charactersOf(values, present)) + count * ENTRY_BYTES;
    this.#bytes += bytes;
  }

  #compact(): void {
    this.#repetition = this.#repetition.slice(this.#at);
    this.#definition = this.#definition.slice(this.#at);
    this.#values = this.#values.slice(this.#valueAt);
    const { length } = this.#values;
    const bytes = Math.max(length * this.#reader.bytesPerValue, charactersOf(this.#values, length));
    this.#held = this.#repetition.length * ENTRY_BYTES + bytes;
    [this.#at, this.#valueAt] = [0, 0];
  }
}
