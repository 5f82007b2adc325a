import { CellScanner, readNumber } from './cell-scanner.js';
import { formatIsoCell, formatSerial } from './serial-date.js';
import type { SharedStrings } from './shared-strings.js';
import type { CellStyles } from './styles.js';
import { decodeEscapes, decodeXmlText, MalformedXml, plainMarkup, richText } from './xml-text.js';

const LESS = 60;
const BOOLEANS: Readonly<Record<string, string>> = { '0': 'false', '1': 'true' };

export interface CellContext {
  readonly strings: SharedStrings;
  /** null: dates stay the numbers that they are. */
  readonly styles: CellStyles | null;
  readonly date1904: boolean;
}

/** The cells of a row, one after the other, with their values as text. Methods throw MalformedXml. */
export class SheetCells {
  readonly #context: CellContext;
  readonly #prefix: string;
  readonly #scanner: CellScanner;
  #xml = '';

  constructor(context: CellContext, prefix: string) {
    this.#context = context;
    this.#prefix = prefix;
    this.#scanner = new CellScanner(prefix);
  }

  /** Begins with a row. */
  start(xml: string): void {
    this.#xml = plainMarkup(xml);
    this.#scanner.start(this.#xml);
  }

  /** Number of the row as it says it; null where it does not. */
  get row(): number | null {
    return this.#scanner.row;
  }

  /** Moves to the next cell; false: there is none. */
  next(): boolean {
    return this.#scanner.next();
  }

  /** From 0. */
  get column(): number {
    return this.#scanner.column;
  }

  /** Upper bound of the length of the text, known without making the text. */
  get size(): number {
    const { type, valueStart, valueEnd } = this.#scanner;
    return type === 's' && valueEnd > valueStart
      ? this.#context.strings.byteLength(this.#index())
      : valueEnd - valueStart;
  }

  /** The value: empty where there is none. */
  text(): string {
    const { type, valueStart, valueEnd } = this.#scanner;
    if (valueStart === valueEnd) return '';
    if (type === 's') return this.#context.strings.text(this.#index());
    const xml = this.#xml.substring(valueStart, valueEnd);
    if (xml.charCodeAt(0) === LESS) return richText(xml, this.#prefix);
    const text = decodeXmlText(xml);
    if (type === 'str' || type === 'inlineStr') return decodeEscapes(text);
    const value = text.trim();
    return type === 'b' ? (BOOLEANS[value] ?? value) : this.#dated(value);
  }

  /** A number or a date, in the form that was asked for. An error, such as `#N/A`, is the text that it shows. */
  #dated(value: string): string {
    const { styles, date1904 } = this.#context;
    const { type, style } = this.#scanner;
    if (styles === null || type === 'e') return value;
    const format = styles[style] ?? null;
    if (type === 'd') return formatIsoCell(value, format) ?? value;
    if (format === null || value === '') return value;
    return formatSerial(Number(value), format, date1904) ?? value;
  }

  #index(): number {
    const { valueStart, valueEnd } = this.#scanner;
    let index = readNumber(this.#xml, valueStart, valueEnd);
    if (Number.isNaN(index)) index = Number(this.#xml.substring(valueStart, valueEnd).trim() || Number.NaN);
    if (index >= 0 && index < this.#context.strings.count && Number.isInteger(index)) return index;
    throw new MalformedXml('refers to a shared string that does not exist');
  }
}
