import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import { cannotWrite } from '../files/destination-error.js';
import type { RowText } from '../files/text-writer.js';
import { MAX_SHEET_COLUMNS, MAX_SHEET_ROWS } from './limits.js';
import { MAIN_NAMESPACE, PROLOG } from './workbook-parts.js';
import { type CellOf, compileCell, textCell } from './written-cell.js';

const LETTERS = 26;
const LETTER_A = 65;
/** Characters of a cell with such a value: in the usual width it would show as `#######`. */
const WIDTHS: Readonly<Record<string, number>> = { datetime: 20, date: 12 };

interface SheetColumn {
  /** What a cell begins with, up to the number of its row. */
  readonly start: string;
  readonly cell: CellOf;
}

/** The XML of a sheet: the names of the columns in its first row, then the records. A value that is null is no cell. */
export class SheetText implements RowText {
  readonly #columns: readonly DestinationColumn[];
  readonly #cells: readonly SheetColumn[];
  #rows = 0;

  /** @throws AppError DestinationRefused */
  constructor(columns: readonly DestinationColumn[]) {
    if (columns.length > MAX_SHEET_COLUMNS) {
      throw cannotWrite('a sheet of Excel has at most 16,384 columns: export fewer properties, or in another format');
    }
    this.#columns = columns;
    this.#cells = columns.map((column, index) => ({ start: `<c r="${letters(index)}`, cell: compileCell(column) }));
  }

  begin(): string {
    const names = this.#columns.map(({ name }, index) => `${this.#cells[index]?.start}1"${textCell(name, name)}`);
    this.#rows = 1;
    return `${PROLOG}<worksheet xmlns="${MAIN_NAMESPACE}">${this.#widths()}<sheetData><row r="1">${names.join('')}</row>`;
  }

  /** @throws AppError DestinationRefused */
  row(row: DestinationRow): string {
    if (this.#rows === MAX_SHEET_ROWS) {
      throw cannotWrite('a sheet of Excel has at most 1,048,575 records: export fewer profiles, or in another format');
    }
    this.#rows += 1;
    const number = `${this.#rows}"`;
    const cells = this.#cells;
    let text = `<row r="${number}>`;
    for (let index = 0; index < cells.length; index += 1) {
      const { start, cell } = cells[index] as SheetColumn;
      const value = row[index] ?? null;
      if (value !== null) text += start + number + cell(value);
    }
    return `${text}</row>`;
  }

  end(): string {
    return '</sheetData></worksheet>';
  }

  #widths(): string {
    const widths = this.#columns.map(({ type }, index) => {
      const width = WIDTHS[type.kind];
      return width === undefined ? '' : `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
    });
    const all = widths.join('');
    return all === '' ? '' : `<cols>${all}</cols>`;
  }
}

/** The name of a column, from 0: `A` to `Z`, `AA` and so on. */
function letters(index: number): string {
  const last = String.fromCharCode(LETTER_A + (index % LETTERS));
  return index < LETTERS ? last : letters(Math.floor(index / LETTERS) - 1) + last;
}
