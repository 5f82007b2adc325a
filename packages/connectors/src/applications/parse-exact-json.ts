import { MAX_JSON_DEPTH, parseDecimal } from '@penstock/language';

/** A number that JavaScript cannot hold; normalisation takes it by its text. */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Numbers without these fit into one of JavaScript. */
const MAY_LOSE_DIGITS = /\d[\d.]{15}|\d[eE]/;
const INTEGER = /^-?\d+$/;
const MAX_INTEGER_LENGTH = 1_000;

/** Values take up to a hundred times the memory of their text: `[],[],`. */
const MAX_VALUES = 500_000;

/** Text that has more values than anybody can hold. */
export class TooManyValues {
  readonly message = `more than ${MAX_VALUES} values`;
}

/**
 * Parses JSON without changing its numbers: those that JavaScript cannot hold become bigints, or objects that write the number. Undefined
 * when the text is no JSON, or nested deeper than the language reads; {@link TooManyValues} in the place of more than 500,000 values.
 */
export function parseExactJson(text: string): unknown {
  const { values, depth } = shapeOf(text);
  // Whoever walks it may call itself for each level.
  if (depth > MAX_JSON_DEPTH) return undefined;
  if (values > MAX_VALUES) return new TooManyValues();
  try {
    const parsed: unknown = JSON.parse(text);
    return MAY_LOSE_DIGITS.test(text) ? new ExactParser(text).value() : parsed;
  } catch {
    return undefined;
  }
}

const MARKS = /["[\]{},]/g;

/** How many values a text has, if it is JSON, and how many of them are within each other; it stops at what is too much. */
function shapeOf(text: string): { readonly values: number; readonly depth: number } {
  let [values, open, depth] = [1, 0, 0];
  const marks = new RegExp(MARKS);
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const [mark] = found;
    if (mark === '"') marks.lastIndex = endOfString(text, found.index);
    else if (mark === ']' || mark === '}') open -= 1;
    else values += 1;
    if (mark === '[' || mark === '{') open += 1;
    depth = Math.max(depth, open);
    if (depth > MAX_JSON_DEPTH || values > MAX_VALUES) break;
  }
  return { values, depth };
}

/** The place after the quote that ends a string. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** A member of this name would otherwise be what the object inherits from. */
const PROTOTYPE = '__proto__';
const LIKE_OTHERS = { enumerable: true, configurable: true, writable: true };

/** Reads text that is known to be JSON. */
class ExactParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    this.#skipBlanks();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#each('}', () => {
      const key = this.#string();
      this.#skipBlanks();
      this.#at += 1;
      const value = this.value();
      if (key === PROTOTYPE) Object.defineProperty(object, key, { value, ...LIKE_OTHERS });
      else object[key] = value;
    });
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#each(']', () => array.push(this.value()));
    return array;
  }

  #each(close: string, read: () => void): void {
    this.#at += 1;
    for (;;) {
      this.#skipBlanks();
      const character = this.#text[this.#at];
      if (character === close || character === ',') this.#at += 1;
      if (character === close) return;
      if (character === ',') this.#skipBlanks();
      read();
    }
  }

  #string(): string {
    const start = this.#at;
    this.#at = endOfString(this.#text, start);
    return String(JSON.parse(this.#text.slice(start, this.#at)));
  }

  #scalar(): unknown {
    const start = this.#at;
    while (this.#at < this.#text.length && !',]} \t\r\n'.includes(this.#text[this.#at] ?? '')) this.#at += 1;
    const text = this.#text.slice(start, this.#at);
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'number' ? exactNumber(text, parsed) : parsed;
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}

function exactNumber(text: string, number: number): unknown {
  if (!MAY_LOSE_DIGITS.test(text) || String(number) === text) return number;
  if (text.length <= MAX_INTEGER_LENGTH && plainDecimal(text) === plainDecimal(String(number))) return number;
  if (!INTEGER.test(text)) return new ExactNumber(text);
  return text.length <= MAX_INTEGER_LENGTH ? BigInt(text) : new ExactNumber(text);
}

/** A decimal without the zeros at its end. */
function plainDecimal(text: string): string | undefined {
  const decimal = parseDecimal(text);
  return decimal?.includes('.') === true ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** The JSON text of what was parsed. */
export function exactJsonText(value: unknown): string {
  if (value instanceof ExactNumber || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(exactJsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${exactJsonText(member)}`);
  return `{${members.join(',')}}`;
}

function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text[start - 1] === '\\') start -= 1;
  return (at - start) % 2 === 1;
}
