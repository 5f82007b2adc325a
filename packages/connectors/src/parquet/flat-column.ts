import type { RawField } from '@penstock/engine';
import type { ColumnReader } from './column-reader.js';
import type { LeafReader } from './leaf-reader.js';

/** A column of one value for each record, or null. */
export class FlatColumn implements ColumnReader {
  readonly #reader: LeafReader;
  readonly #fields: RawField[] = [];
  #bytes = 0;

  constructor(reader: LeafReader) {
    this.#reader = reader;
  }

  get available(): number {
    return this.#reader.available;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async load(): Promise<boolean> {
    return await this.#reader.load();
  }

  take(count: number): readonly RawField[] {
    const { definition, values, present } = this.#reader.take(count);
    this.#bytes += present * this.#reader.bytesPerValue;
    if (definition === undefined || present === count) return values;
    const fields = this.#fields;
    for (let index = 0, next = 0; index < count; index += 1) {
      if (definition[index] === 1) {
        fields[index] = values[next];
        next += 1;
      } else fields[index] = null;
    }
    return fields;
  }
}
