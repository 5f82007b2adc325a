import { AppError } from '@penstock/domain';
import { MAX_FILE_COLUMNS, MAX_RECORD_BYTES } from '../files/limits.js';
import { findLineBreak, type LineBreak } from './line-break.js';
import { RecordBytes } from './record-bytes.js';
import type { RecordProblem } from './record-problem.js';
import type { CsvSettings } from './settings.js';
import { skipSpace, splitFields } from './split-fields.js';
import { type QuotedDialect, splitQuoted } from './split-quoted.js';

/** Fields of a record beyond which they are not told apart: it has too many. */
const MAX_FIELDS = MAX_FILE_COLUMNS + 1;

/** Finds the records of a file, in UTF-8 that comes in chunks. Lines are decoded one by one, and most have no quotes. */
export class RecordParser {
  /** Number of fields that a record must have; 0: any. */
  columns = 0;
  /** About the record that `next` returned: what is wrong with it, its first line counted from 1, and its size. */
  problem: RecordProblem | null = null;
  line = 0;
  size = 0;

  readonly #settings: CsvSettings;
  readonly #bytes = new RecordBytes();
  #dialect: QuotedDialect | null = null;
  #nextLine = 1;

  constructor(settings: CsvSettings) {
    this.#settings = settings;
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    if (this.#dialect === null) this.#begin();
  }

  /** All has been pushed. */
  end(): void {
    this.#bytes.end();
    if (this.#dialect === null) this.#begin();
  }

  /**
   * The next record; null when more bytes are needed for it, or after the last. One that has a problem has its fields as far
   * as they make sense.
   * @throws AppError InvalidFile when a record is too large, or the file ends within a quote.
   */
  next(): string[] | null {
    const dialect = this.#dialect;
    if (dialect === null) return null;
    const bytes = this.#bytes;
    for (let end = bytes.findEnd(); end !== 'more'; end = bytes.findEnd()) {
      if (end === 'none') throw this.#tooLarge();
      const text = bytes.text(end);
      if (this.#isSkipped(text)) this.#consume(end, 1);
      else if (dialect.quote === '' || text.indexOf(dialect.quote) === -1) return this.#splitLine(text, end);
      else {
        const fields = this.#splitQuoted(text, end, dialect);
        if (fields !== null) return fields;
      }
    }
    return null;
  }

  #begin(): void {
    const { quote } = this.#settings;
    const lineBreak: LineBreak | null = findLineBreak(this.#bytes.rest, quote, this.#bytes.ended);
    if (lineBreak === null) return;
    this.#bytes.setLineBreak(lineBreak);
    this.#dialect = { ...this.#settings, lineBreak };
  }

  #isSkipped(text: string): boolean {
    const { comment, skipRows } = this.#settings;
    return text === '' || this.#nextLine <= skipRows || (comment !== '' && text.startsWith(comment));
  }

  #splitLine(text: string, end: number): string[] {
    const { separator, trimLeadingSpace } = this.#settings;
    const fields =
      (this.columns === 0 ? undefined : splitFields(text, separator, this.columns)) ??
      text.split(separator, MAX_FIELDS);
    if (trimLeadingSpace) trim(fields, separator);
    this.#describe(end, fields.length, false);
    this.#consume(end, 1);
    return fields;
  }

  /** null when the record goes on after the end. */
  #splitQuoted(text: string, tried: number, dialect: QuotedDialect): string[] | null {
    const bytes = this.#bytes;
    const { fields, end: endInText, open, malformed } = splitQuoted(text, dialect, MAX_FIELDS);
    if (open !== -1) {
      if (!bytes.extend(tried)) throw notClosed(this.#nextLine + countBreaks(text, dialect.lineBreak, open));
      return null;
    }
    const lines = bytes.extended ? 1 + countBreaks(text, dialect.lineBreak, endInText) : 1;
    const end = bytes.extended ? bytes.endOfLine(lines, tried) : tried;
    this.#describe(end, fields.length, malformed);
    this.#consume(end, lines);
    return fields;
  }

  #describe(end: number, fields: number, malformed: boolean): void {
    this.line = this.#nextLine;
    this.size = this.#bytes.size(end);
    const text = this.#bytes.check(end);
    if (text !== 'Valid') this.problem = text;
    else if (malformed) this.problem = 'InvalidQuote';
    else if (this.columns === 0 || fields === this.columns) this.problem = null;
    else this.problem = fields < this.columns ? 'TooFewFields' : 'TooManyFields';
  }

  #consume(end: number, lines: number): void {
    this.#bytes.consume(end);
    this.#nextLine += lines;
  }

  #tooLarge(): AppError {
    const message =
      `line ${this.#nextLine}: the record that begins here is larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB: ` +
      'look for a quote that is not closed, and check that this is a CSV file with line breaks';
    return new AppError('InvalidFile', { message });
  }
}

function notClosed(line: number): AppError {
  const message =
    `line ${line}: a quoted field begins here, and the file ends before its closing quote: ` +
    'the file was probably cut off, or the quote belongs to the text and must be doubled';
  return new AppError('InvalidFile', { message });
}

function trim(fields: string[], separator: string): void {
  for (const [column, field] of fields.entries()) fields[column] = field.substring(skipSpace(field, 0, separator));
}

function countBreaks(text: string, lineBreak: LineBreak, end: number): number {
  let count = 0;
  for (let at = text.indexOf(lineBreak); at !== -1 && at < end; at = text.indexOf(lineBreak, at + 1)) count += 1;
  return count;
}
