import type { Type } from '../types/type.js';
import type { ParsedDatetime } from '../values/datetime-text.js';
import type { SelectedProperty } from './selection.js';

/** What the bridge of a function is made for. */
export interface BridgeLayout {
  /** The records that it makes, by their top-level properties. */
  readonly input: readonly SelectedProperty[];
  /** The results that it reads, by their top-level properties. */
  readonly output: readonly SelectedProperty[];
  readonly preserveJSON: boolean;
}

/** What is particular to one language of functions. */
export interface Dialect {
  /** Our code in the language, for the sandbox; how it is called is between it and the sandbox of the language. */
  bridge(layout: BridgeLayout): string;
  /** What the language calls a type of results; shown in messages. */
  typeName(type: Type): string;
  /** What the language calls null. */
  readonly nullName: string;
  /** Reads the text that a datetime of the language becomes. */
  parseDatetime(text: string): ParsedDatetime;
  /** Whether values of kind json come as their text even where JSON is not preserved; absent: as the values. */
  readonly writesJsonText?: true;
}
