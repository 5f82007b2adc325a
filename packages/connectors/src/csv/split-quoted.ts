import { skipSpace } from './split-fields.js';

export interface QuotedDialect {
  readonly separator: string;
  readonly quote: string;
  /** What ends a line: `\n`, also after `\r`, or `\r` alone. */
  readonly lineBreak: '\n' | '\r';
  readonly trimLeadingSpace: boolean;
  readonly lazyQuotes: boolean;
}

/** The first record of a text. */
export interface QuotedRecord {
  readonly fields: string[];
  /** Where its line ends: the position of the line break, or the length of the text. */
  readonly end: number;
  /** Position of a quote that is not closed within the text: more of the text is needed. -1: there is none. */
  readonly open: number;
  /** Whether a quote is where none may be. */
  readonly malformed: boolean;
}

/** Splits the first record of a text with quotes. At most `maxFields` fields are kept. */
export function splitQuoted(text: string, dialect: QuotedDialect, maxFields: number): QuotedRecord {
  return new QuotedSplitter(text, dialect, maxFields).split();
}

/** Each search goes on from where the last one ended, so that a text of any form takes time in proportion to its length. */
class QuotedSplitter {
  readonly #text: string;
  readonly #dialect: QuotedDialect;
  readonly #maxFields: number;
  readonly #fields: string[] = [];
  #at = 0;
  #lineEnd = -1;
  #nextQuote = -1;
  #open = -1;
  #malformed = false;

  constructor(text: string, dialect: QuotedDialect, maxFields: number) {
    this.#text = text;
    this.#dialect = dialect;
    this.#maxFields = maxFields;
  }

  split(): QuotedRecord {
    const { separator, quote, trimLeadingSpace } = this.#dialect;
    const text = this.#text;
    do {
      if (trimLeadingSpace) this.#at = skipSpace(text, this.#at, separator);
      const field = text.startsWith(quote, this.#at) ? this.#quoted() : this.#plain();
      if (this.#open !== -1) break;
      if (this.#fields.length < this.#maxFields) this.#fields.push(field);
      this.#at += 1;
    } while (text.startsWith(separator, this.#at - 1));
    return { fields: this.#fields, end: this.#at - 1, open: this.#open, malformed: this.#malformed };
  }

  /** Takes a field that begins with a quote, and stops at what ends it. */
  #quoted(): string {
    const { quote } = this.#dialect;
    const text = this.#text;
    const start = this.#at;
    let doubled = false;
    let close = text.indexOf(quote, start + 1);
    while (close !== -1 && text.startsWith(quote, close + 1)) {
      doubled = true;
      close = text.indexOf(quote, close + 2);
    }
    if (close === -1) {
      this.#open = start;
      return '';
    }
    const end = this.#endAfter(close);
    if (end === -1) return this.#afterQuote(start, close);
    this.#at = end;
    return this.#unquote(start, close, doubled);
  }

  /** What a field is whose quote is followed by something else: one that ought to have been doubled, or a stray one. */
  #afterQuote(start: number, stray: number): string {
    const close = this.#dialect.lazyQuotes ? this.#lazyClose(stray + 1) : -1;
    if (close === -1) return this.#plain(start, stray);
    this.#at = this.#endAfter(close);
    return this.#unquote(start, close, true);
  }

  /** The next quote in the line that ends a field, unless a field that is quoted itself begins before. */
  #lazyClose(from: number): number {
    const { quote, separator } = this.#dialect;
    const text = this.#text;
    const lineEnd = this.#endOfLine(from);
    for (let at = text.indexOf(quote, from); at !== -1 && at < lineEnd; at = text.indexOf(quote, at + 1)) {
      if (this.#endAfter(at) !== -1) return at;
      if (text.startsWith(separator, at - 1)) return -1;
    }
    return -1;
  }

  /** Takes a field as it stands, up to the separator or the end of the line that follows `from`. */
  #plain(start = this.#at, from = start): string {
    const { separator, lazyQuotes } = this.#dialect;
    const text = this.#text;
    const lineEnd = this.#endOfLine(from);
    const found = text.indexOf(separator, from);
    const end = found === -1 || found > lineEnd ? lineEnd : found;
    if (!lazyQuotes && this.#quoteFrom(start) < end) this.#malformed = true;
    this.#at = end;
    return withoutReturns(text.substring(start, end), end === lineEnd);
  }

  #unquote(start: number, close: number, doubled: boolean): string {
    const { quote } = this.#dialect;
    const field = this.#text.substring(start + 1, close);
    return doubled ? field.replaceAll(quote + quote, quote) : field;
  }

  /** The position that ends a field whose closing quote is given; -1 when something else follows. */
  #endAfter(close: number): number {
    const { separator, lineBreak } = this.#dialect;
    const text = this.#text;
    let end = close + 1;
    if (text.startsWith(separator, end)) return end;
    if (lineBreak === '\n') while (text.startsWith('\r', end)) end += 1;
    return end >= text.length || text.startsWith(lineBreak, end) ? end : -1;
  }

  #endOfLine(from: number): number {
    if (this.#lineEnd < from) {
      const found = this.#text.indexOf(this.#dialect.lineBreak, from);
      this.#lineEnd = found === -1 ? this.#text.length : found;
    }
    return this.#lineEnd;
  }

  #quoteFrom(from: number): number {
    if (this.#nextQuote < from) {
      const found = this.#text.indexOf(this.#dialect.quote, from);
      this.#nextQuote = found === -1 ? this.#text.length : found;
    }
    return this.#nextQuote;
  }
}

/** Nobody writes such a character at the end of a line without quotes, but for what ends the line. */
function withoutReturns(field: string, endsLine: boolean): string {
  let end = field.length;
  if (endsLine) while (field.charAt(end - 1) === '\r') end -= 1;
  return end === field.length ? field : field.substring(0, end);
}
