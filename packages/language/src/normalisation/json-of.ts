import { MAX_JSON_DEPTH } from '../values/is-valid-json.js';
import { isPlainObject } from './raw-type.js';

/**
 * Greatest numbers of characters and of values of what is encoded. They also end the encoding of values that contain the same
 * value many times over, which the depth alone would bound only at an astronomic size.
 */
const MAX_JSON_LENGTH = 2 ** 26;
const MAX_JSON_VALUES = 1_000_000;

/** Writing out a bigint takes more than linear time. */
const MAX_BIGINT = 10n ** 1000n;

/**
 * The JSON text of a value as applications deliver them: null, booleans, finite numbers, bigints, strings, Dates (as ISO 8601),
 * arrays, plain objects, Maps with keys of text, and objects with a `toJSON`. Undefined for anything else, for values that are
 * not well-formed text, too deep or too long. Members that are undefined are left out.
 */
export function jsonOf(raw: unknown): string | undefined {
  const writer = new JsonWriter();
  return writer.write(raw, 0) ? writer.text() : undefined;
}

/** Its methods say whether the value could be written; the text counts only when all of it could. */
class JsonWriter {
  readonly #pieces: string[] = [];
  #charsLeft = MAX_JSON_LENGTH;
  #valuesLeft = MAX_JSON_VALUES;

  text(): string {
    return this.#pieces.join('');
  }

  write(raw: unknown, depth: number): boolean {
    if (--this.#valuesLeft < 0) return false;
    const value = typeof raw === 'object' && raw !== null ? marshalled(raw) : raw;
    if (typeof value !== 'object' || value === null) return this.#put(scalarJson(value));
    if (depth >= MAX_JSON_DEPTH) return false;
    if (Array.isArray(value)) return this.#array(value, depth);
    if (value instanceof Map) return this.#members(value.entries(), depth);
    return isPlainObject(value) && this.#members(entriesOf(value), depth);
  }

  #array(elements: readonly unknown[], depth: number): boolean {
    const { length } = elements;
    this.#put('[');
    for (let index = 0; index < length; index++) {
      if (index > 0) this.#put(',');
      if (!this.write(elements[index] ?? null, depth + 1)) return false;
    }
    return this.#put(']');
  }

  #members(entries: Iterable<readonly [unknown, unknown]>, depth: number): boolean {
    let separator = '{';
    for (const [key, value] of entries) {
      if (value === undefined) continue;
      if (typeof key !== 'string' || !this.#put(separator) || !this.#put(scalarJson(key))) return false;
      this.#put(':');
      if (!this.write(value, depth + 1)) return false;
      separator = ',';
    }
    return this.#put(separator === '{' ? '{}' : '}');
  }

  #put(piece: string | undefined): boolean {
    if (piece === undefined) return false;
    this.#charsLeft -= piece.length;
    if (this.#charsLeft < 0) return false;
    this.#pieces.push(piece);
    return true;
  }
}

/** What an object says it is in JSON. Bytes would say that they are an object, and an invalid Date that it is null. */
function marshalled(raw: object): unknown {
  if (ArrayBuffer.isView(raw) || (raw instanceof Date && Number.isNaN(raw.getTime()))) return undefined;
  return 'toJSON' in raw && typeof raw.toJSON === 'function' ? raw.toJSON() : raw;
}

function* entriesOf(object: Record<string, unknown>): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(object)) yield [key, object[key]];
}

function scalarJson(raw: unknown): string | undefined {
  switch (typeof raw) {
    case 'string':
      return raw.length <= MAX_JSON_LENGTH && raw.isWellFormed() ? JSON.stringify(raw) : undefined;
    case 'number':
      return Number.isFinite(raw) ? String(raw + 0) : undefined;
    case 'bigint':
      return raw < MAX_BIGINT && raw > -MAX_BIGINT ? String(raw) : undefined;
    case 'boolean':
      return String(raw);
    default:
      return raw === null ? 'null' : undefined;
  }
}
