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

/**
 * Parses JSON without changing its numbers: those that JavaScript cannot hold become bigints, or objects that write the number. Undefined
 * when the text is no JSON, or nested deeper than the language reads.
 */
export function parseExactJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return MAY_LOSE_DIGITS.test(text) ? new ExactParser(text).value(0) : parsed;
  } catch {
    return undefined;
  }
}

/** Reads text that is known to be JSON. */
class ExactParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > MAX_JSON_DEPTH) throw new RangeError('JSON is nested too deep');
    this.#skipBlanks();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): Record<string, unknown> {
    // It inherits nothing, so that a key __proto__ is one like others.
    const object = Object.create(null) as Record<string, unknown>;
    this.#each('}', () => {
      const key = this.#string();
      this.#skipBlanks();
      this.#at += 1;
      object[key] = this.value(depth + 1);
    });
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#each(']', () => array.push(this.value(depth + 1)));
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
    let end = this.#text.indexOf('"', start + 1);
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return String(JSON.parse(this.#text.slice(start, end + 1)));
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
