import type { RawField, RawRow } from '@penstock/engine';
import { CLOSE_OBJECT, COLON, COMMA, QUOTE, skipBlanks } from './json-characters.js';
import { INCOMPLETE, type JsonScanner } from './json-scanner.js';

/** A key as a record writes it, and the column that it belongs to. */
interface ExpectedKey {
  /** The raw text after the opening quote, with the closing one. */
  readonly raw: string;
  /** -1: it is not read. */
  readonly column: number;
}

const NO_COLUMN = -1;
const NONE_REPEATED = -1;
/** Beyond these, keys are looked up again in each record: what is remembered must not grow with a file. */
const MAX_EXPECTED = 4_000;
const MAX_EXPECTED_LENGTH = 200;

/**
 * Cuts the members that are read out of records, as they are written there. Records mostly have the same keys in the same order, so the
 * keys of the last one are compared first: that takes no slice and no look-up.
 */
export class RecordScanner {
  /** The fields of the last record, by column; a member that it lacks is undefined. */
  row: RawRow = [];
  /** The first column whose key the last record has more than once; -1: there is none. */
  repeated = NONE_REPEATED;
  readonly #scanner: JsonScanner;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #absent: readonly undefined[];
  readonly #expected: ExpectedKey[] = [];
  /** The column of the key that was read last. */
  #column = NO_COLUMN;

  constructor(scanner: JsonScanner, names: readonly string[]) {
    this.#scanner = scanner;
    this.#columns = new Map(names.map((name, index) => [name, index]));
    this.#absent = new Array<undefined>(names.length).fill(undefined);
  }

  /** Reads the object that starts at `start`. Its end, or a code of the scanner. */
  read(text: string, start: number, end: number): number {
    const scanner = this.#scanner;
    const row: RawField[] = this.#absent.slice();
    this.row = row;
    this.repeated = NONE_REPEATED;
    let at = skipBlanks(text, start + 1, end);
    if (at < end && text.charCodeAt(at) === CLOSE_OBJECT) return at + 1;
    for (let member = 0; ; member++) {
      at = this.#endOfKey(text, at, end, member);
      if (at < 0) return at;
      const column = this.#column;
      const from = isPlain(text, at, COLON, end) ? at + 1 : scanner.startOfValue(text, at, end);
      if (from < 0) return from;
      const to = scanner.endOfValue(text, from, end);
      if (to < 0) return to;
      if (column !== NO_COLUMN) {
        if (row[column] !== undefined && this.repeated === NONE_REPEATED) this.repeated = column;
        row[column] = text.substring(from, to);
      }
      if (isPlain(text, to, COMMA, end)) {
        at = to + 1;
        continue;
      }
      at = skipBlanks(text, to, end);
      if (at === end) return INCOMPLETE;
      const unit = text.charCodeAt(at);
      if (unit === CLOSE_OBJECT) return at + 1;
      if (unit !== COMMA) return scanner.notValid(at);
      at = skipBlanks(text, at + 1, end);
    }
  }

  #endOfKey(text: string, start: number, end: number, member: number): number {
    if (start === end) return INCOMPLETE;
    if (text.charCodeAt(start) !== QUOTE) return this.#scanner.notValid(start);
    const expected = this.#expected[member];
    if (expected !== undefined) {
      const { raw } = expected;
      const endOfRaw = start + 1 + raw.length;
      if (endOfRaw <= end && text.startsWith(raw, start + 1)) {
        this.#column = expected.column;
        return endOfRaw;
      }
    }
    return this.#otherKey(text, start, end, member);
  }

  #otherKey(text: string, start: number, end: number, member: number): number {
    const endOfKey = this.#scanner.endOfString(text, start, end);
    if (endOfKey < 0) return endOfKey;
    const raw = text.slice(start + 1, endOfKey);
    this.#column = this.#columns.get(keyText(raw)) ?? NO_COLUMN;
    if (member < MAX_EXPECTED && raw.length <= MAX_EXPECTED_LENGTH) {
      this.#expected[member] = { raw: copyOf(raw), column: this.#column };
    }
    return endOfKey;
  }
}

/** Whether a mark stands at a position with nothing blank around it, as programs write it. */
function isPlain(text: string, at: number, mark: number, end: number): boolean {
  const BLANK = 32;
  return at + 1 < end && text.charCodeAt(at) === mark && text.charCodeAt(at + 1) > BLANK;
}

/** A slice would keep the whole text that it was cut out of. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** The text of a key with its closing quote. */
function keyText(raw: string): string {
  return raw.includes('\\') ? String(JSON.parse(`"${raw}`)) : raw.slice(0, -1);
}
