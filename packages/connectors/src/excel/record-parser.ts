import type { RecordFailure } from '@penstock/domain';
import type { RawField, RawRow, UnreadableRecord } from '@penstock/engine';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import type { SheetCells } from './sheet-cells.js';
import { LEFT_OUT } from './sheet-columns.js';

export const TOO_LARGE: RecordFailure = {
  step: 'Receive',
  code: 'RecordTooLarge',
  message: `record is larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB`,
  key: null,
};
export const INVALID_ENCODING: RecordFailure = {
  step: 'Receive',
  code: 'InvalidEncoding',
  message: 'record is not valid UTF-8',
  key: null,
};
const RAGGED: RecordFailure = {
  step: 'Receive',
  code: 'RaggedRecord',
  message: 'record has values beyond the last column',
  key: null,
};
/** Bytes of a place in a record. */
const FIELD_BYTES = 8;

/** Makes a record of the XML of a row. */
export class RecordParser {
  readonly #cells: SheetCells;
  readonly #places: Int32Array;
  readonly #count: number;
  /** About the bytes that the last record takes in memory. */
  bytes = 0;

  constructor(cells: SheetCells, columns: { readonly places: Int32Array; readonly count: number }) {
    this.#cells = cells;
    this.#places = columns.places;
    this.#count = columns.count;
  }

  /**
   * The record of the row that `cells` has begun with; why it is none; null where all cells are empty.
   * @throws MalformedXml
   */
  parse(): RawRow | RecordFailure | null {
    const cells = this.#cells;
    const places = this.#places;
    const fields = new Array<RawField>(this.#count).fill('');
    let isEmpty = true;
    let isRagged = false;
    let bytes = 0;
    while (cells.next()) {
      const { size } = cells;
      if (size === 0) continue;
      bytes += size;
      if (bytes > MAX_RECORD_BYTES) return TOO_LARGE;
      const place = places[cells.column];
      if (place === LEFT_OUT) {
        isEmpty = false;
        continue;
      }
      const text = cells.text();
      if (text === '') continue;
      isEmpty = false;
      if (place === undefined) isRagged = true;
      else fields[place] = text;
    }
    this.bytes = bytes + FIELD_BYTES * this.#count;
    if (isEmpty) return null;
    return isRagged ? RAGGED : fields;
  }
}

/** All values of the row that `cells` has begun with, up to the last that is not empty. @throws MalformedXml */
export function readValues(cells: SheetCells): string[] | RecordFailure {
  const values: string[] = [];
  let bytes = 0;
  while (cells.next()) {
    bytes += cells.size;
    if (bytes > MAX_RECORD_BYTES) return TOO_LARGE;
    const text = cells.text();
    if (text === '') continue;
    while (values.length < cells.column) values.push('');
    values[cells.column] = text;
  }
  return values;
}

/** A record that could not be read, with the row that it was. */
export function unreadableRow(failure: RecordFailure, row: number, values?: () => readonly string[]): UnreadableRecord {
  return { ...failure, record: () => JSON.stringify({ row, ...(values === undefined ? {} : { values: values() }) }) };
}
