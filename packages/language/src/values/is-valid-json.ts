import { endOfJsonScalar, endOfJsonString } from './json-scalars.js';

/** Arrays and objects within each other beyond which JSON is refused: programs that read it by recursion would fail. */
export const MAX_JSON_DEPTH = 1000;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Whether the text is one JSON value in the strict sense of RFC 8259 and RFC 7493: no key twice within an object, no halves of
 * surrogate pairs, escaped or not, and at most {@link MAX_JSON_DEPTH} levels. Takes linear time and does not recurse.
 */
export function isValidJson(text: string): boolean {
  return text.isWellFormed() && new JsonScanner(text).isValue();
}

/** Its methods move on past what they read and say whether it was there. */
class JsonScanner {
  readonly #text: string;
  #at = 0;
  /** The containers around the position: the keys so far of an object, null for an array. */
  readonly #open: (Set<string> | null)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  isValue(): boolean {
    do {
      if (!this.#startValue()) return false;
    } while (this.#leadsToNext());
    return this.#open.length === 0 && this.#at === this.#text.length;
  }

  /** Reads a scalar, or opens containers up to the first scalar within; the end of an empty one is left to be closed. */
  #startValue(): boolean {
    for (;;) {
      this.#skipBlanks();
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== OPEN_OBJECT && unit !== OPEN_ARRAY) return this.#moveTo(endOfJsonScalar(this.#text, this.#at));
      if (this.#open.length === MAX_JSON_DEPTH) return false;
      const keys = unit === OPEN_OBJECT ? new Set<string>() : null;
      this.#open.push(keys);
      this.#at++;
      this.#skipBlanks();
      if (this.#text.charCodeAt(this.#at) === endOf(keys)) return true;
      if (keys !== null && !this.#key(keys)) return false;
    }
  }

  /** Closes what ends after a value; true when a comma, and in an object a key, leads to another value. */
  #leadsToNext(): boolean {
    for (;;) {
      this.#skipBlanks();
      const keys = this.#open.at(-1);
      if (keys === undefined) return false;
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== COMMA && unit !== endOf(keys)) return false;
      this.#at++;
      if (unit === COMMA) return keys === null || this.#key(keys);
      this.#open.pop();
    }
  }

  /** Reads a key that the object does not have yet, with its colon. */
  #key(keys: Set<string>): boolean {
    this.#skipBlanks();
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== QUOTE || !this.#moveTo(endOfJsonString(this.#text, start))) return false;
    // The quotes are kept: keys that look like array indexes have hashes that can be chosen to collide.
    const raw = this.#text.slice(start, this.#at);
    const key = raw.includes('\\') ? `"${String(JSON.parse(raw))}"` : raw;
    if (keys.has(key)) return false;
    keys.add(key);
    this.#skipBlanks();
    return this.#text.charCodeAt(this.#at) === COLON && this.#moveTo(this.#at + 1);
  }

  #moveTo(position: number): boolean {
    if (position === -1) return false;
    this.#at = position;
    return true;
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }
}

function endOf(keys: Set<string> | null): number {
  return keys === null ? CLOSE_ARRAY : CLOSE_OBJECT;
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 13 || unit === 9;
}
