import type { DecodePlain } from './plain-bytes.js';

/** A place of the schema that has values, and how they are read. */
export interface Leaf {
  /** Its position among those of the file. */
  readonly index: number;
  /** Names of it and of what it is in, joined by dots. */
  readonly path: string;
  readonly physical: number;
  /** Bytes of a value of fixed length; 0 for others. */
  readonly width: number;
  /** The level at which it has a value; a lower one says what it is in that is absent. */
  readonly maxDefinition: number;
  /** The level at which the innermost list that it is in goes on. */
  readonly maxRepetition: number;
  readonly decode: DecodePlain;
}

/** Bits that a level takes. */
export function levelBits(maxLevel: number): number {
  return 32 - Math.clz32(maxLevel);
}
