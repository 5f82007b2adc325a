import type { ObjectType } from '@penstock/language';
import { headerColumns, letterColumns, type NamedColumn } from '../files/column-names.js';
import type { FileColumn } from '../files/file-format.js';

/** In {@link SheetColumns.places}: the column is not read. */
export const LEFT_OUT = -1;

export interface SheetColumns {
  readonly columns: readonly FileColumn[];
  /** Columns that are left out, and why. */
  readonly issues: readonly string[];
  /** By the column of the sheet, from 0: the place of its values in a record. */
  readonly places: Int32Array;
}

/** The sheet that columns are of, and the schema that the pipeline was defined with; null in a preview. */
export interface ColumnsRequest {
  readonly sheetName: string;
  readonly expected: ObjectType | null;
}

/** The columns that a header names. @throws AppError InvalidFile, NoColumnsFound */
export function namedColumns(header: readonly string[], { sheetName, expected }: ColumnsRequest): SheetColumns {
  const { columns, issues } = headerColumns(header, nameOf(sheetName));
  return { ...placeColumns(columns, expected), issues };
}

/** The columns of a sheet without a header. @throws AppError InvalidFile, NoColumnsFound */
export function unnamedColumns(count: number, { sheetName, expected }: ColumnsRequest): SheetColumns {
  return { ...placeColumns(letterColumns(count, nameOf(sheetName)), expected), issues: [] };
}

function nameOf(sheetName: string): string {
  return `sheet ${JSON.stringify(sheetName)}`;
}

/** Columns that the pipeline does not name are not decoded. */
function placeColumns(
  named: readonly (NamedColumn | undefined)[],
  expected: ObjectType | null,
): Omit<SheetColumns, 'issues'> {
  const wanted = expected === null ? null : new Set(expected.properties.map(({ name }) => name));
  const places = new Int32Array(named.length).fill(LEFT_OUT);
  const columns: FileColumn[] = [];
  for (const [index, column] of named.entries()) {
    if (column === undefined || wanted?.has(column.name) === false) continue;
    places[index] = columns.length;
    columns.push({ ...column, type: { kind: 'string' } });
  }
  return { columns, places };
}
