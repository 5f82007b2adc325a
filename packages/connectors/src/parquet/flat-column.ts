import type { RawField } from '@penstock/engine';
import { BATCH_BYTES } from '../files/limits.js';
import type { ColumnReader } from './column-reader.js';
import type { LeafReader } from './leaf-reader.js';
import { PHYSICAL } from './schema-element.js';

/** A column of one value for each record, or null. */
export class FlatColumn implements ColumnReader {
  readonly #reader: LeafReader;
  readonly #fields: RawField[] = [];
  /** Whether values have lengths of their own. */
  readonly #isText: boolean;
  #bytes = 0;
  characters = 0;
  readonly held = 0;

  constructor(reader: LeafReader) {
    this.#reader = reader;
    const { physical } = reader.leaf;
    this.#isText = physical === PHYSICAL.byteArray || physical === PHYSICAL.fixed;
  }

  get available(): number {
    return this.#reader.available;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get bytesPerRecord(): number {
    return this.#reader.bytesPerValue;
  }

  async load(): Promise<boolean> {
    return await this.#reader.load();
  }

  take(count: number): RawField[] {
    const { definition, values, present } = this.#reader.take(count);
    this.#bytes += present * this.#reader.bytesPerValue;
    if (this.#isText) this.characters = charactersOf(values, present);
    if (definition === undefined || present === count) return values;
    const fields = this.#fields;
    for (let index = 0, next = 0; index < count; index += 1) {
      if (definition[index] === 1) {
        fields[index] = values[next];
        next += 1;
      } else fields[index] = null;
    }
    // Large values are held in one place only, so that they can be let go.
    if (this.characters > BATCH_BYTES) values.length = 0;
    return fields;
  }
}

/** Characters of the texts among the first values. */
export function charactersOf(values: readonly RawField[], count: number): number {
  let characters = 0;
  for (let index = 0; index < count; index += 1) {
    const value = values[index];
    if (typeof value === 'string') characters += value.length;
  }
  return characters;
}
