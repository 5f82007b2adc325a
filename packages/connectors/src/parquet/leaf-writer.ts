import type { Value } from '@penstock/language';
import type { ChunkWriter } from './chunk-writer.js';
import { encodeLevels, packBooleans } from './encode-levels.js';
import { GrowingBytes } from './growing-bytes.js';
import type { LeafEncoding } from './leaf-encoding.js';
import { PHYSICAL } from './schema-element.js';

/** Where a leaf is in the schema. */
export interface LeafPlace {
  readonly names: readonly string[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** Collects the values of one leaf for the page that is being made. */
export class LeafWriter {
  readonly place: LeafPlace;
  readonly encoding: LeafEncoding;
  readonly #pageBytes: number;
  readonly #values = new GrowingBytes();
  readonly #definitions = new GrowingBytes();
  readonly #repetitions = new GrowingBytes();

  /** @param pageBytes when a page is full, about */
  constructor(place: LeafPlace, encoding: LeafEncoding, pageBytes: number) {
    this.place = place;
    this.encoding = encoding;
    this.#pageBytes = pageBytes;
  }

  /** Bytes of the page, before it is compressed. */
  get bytes(): number {
    return this.#values.length + this.#definitions.length;
  }

  get isFull(): boolean {
    return this.bytes >= this.#pageBytes;
  }

  /** Appends a value; null is one that is missing in what it is in. */
  write(value: Value, repetition: number): void {
    const { maxDefinition } = this.place;
    if (value === null) this.absent(repetition, maxDefinition - 1);
    else {
      this.absent(repetition, maxDefinition);
      this.encoding.encode(this.#values, value);
    }
  }

  /** Notes up to which level there is something, where the value itself is missing. */
  absent(repetition: number, definition: number): void {
    this.#definitions.byte(definition);
    if (this.place.maxRepetition > 0) this.#repetitions.byte(repetition);
  }

  /** Ends the page, if there is something in it. */
  async endPage(chunk: ChunkWriter): Promise<void> {
    const entries = this.#definitions.length;
    if (entries === 0) return;
    await chunk.add(Buffer.concat(this.#parts()), entries);
    for (const bytes of [this.#values, this.#definitions, this.#repetitions]) bytes.clear(2 * this.#pageBytes);
  }

  /** Gives the memory back. */
  release(): void {
    for (const bytes of [this.#values, this.#definitions, this.#repetitions]) bytes.clear(0);
  }

  #parts(): Buffer[] {
    const { maxDefinition, maxRepetition } = this.place;
    const repetitions = maxRepetition > 0 ? [encodeLevels(this.#repetitions.bytes, maxRepetition)] : [];
    const isBoolean = this.encoding.physical === PHYSICAL.boolean;
    const values = isBoolean ? packBooleans(this.#values.bytes) : this.#values.bytes;
    return [...repetitions, encodeLevels(this.#definitions.bytes, maxDefinition), values];
  }
}
