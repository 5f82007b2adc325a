import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import type { Value } from '@penstock/language';
import type { RowText } from '../files/text-writer.js';
import { fieldQuoting, type Quoting } from './field-quoting.js';
import { fieldText, needsNoQuotes } from './field-text.js';
import type { CsvWriteSettings } from './settings.js';

/** The field of a value that is not null. */
type FieldOf = (value: Value) => string;

/** The text of a file of CSV, as RFC 4180 has it; null is an empty field, and so is an empty text. */
export class CsvText implements RowText {
  readonly #columns: readonly DestinationColumn[];
  readonly #fields: readonly FieldOf[];
  readonly #quoting: Quoting;
  readonly #separator: string;
  readonly #lineEnd: string;

  constructor(settings: CsvWriteSettings, columns: readonly DestinationColumn[]) {
    this.#columns = columns;
    this.#quoting = fieldQuoting(settings);
    this.#separator = settings.separator;
    this.#lineEnd = settings.useCRLF ? '\r\n' : '\n';
    this.#fields = columns.map((column) => this.#fieldOf(column, settings));
  }

  begin(): string {
    return this.#columns.map(({ name }) => this.#quoting(name, name)).join(this.#separator) + this.#lineEnd;
  }

  row(row: DestinationRow): string {
    const fields = this.#fields;
    const separator = this.#separator;
    let line = '';
    for (let index = 0; index < fields.length; index += 1) {
      if (index > 0) line += separator;
      const value = row[index];
      if (value !== null && value !== undefined) line += (fields[index] as FieldOf)(value);
    }
    return (line === '' ? this.#emptyLine() : line) + this.#lineEnd;
  }

  end(): string {
    return '';
  }

  #fieldOf({ name, type }: DestinationColumn, settings: CsvWriteSettings): FieldOf {
    const text = fieldText(type);
    if (needsNoQuotes(type, settings)) return text;
    const quoting = this.#quoting;
    return (value) => quoting(text(value), name);
  }

  /** A record of one empty field: a line with nothing is not taken for a record. */
  #emptyLine(): string {
    const [column] = this.#columns;
    return column === undefined ? '' : this.#quoting(null, column.name);
  }
}
