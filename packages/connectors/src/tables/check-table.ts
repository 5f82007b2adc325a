import { AppError } from '@penstock/domain';
import type { DestinationColumn } from '@penstock/engine';
import { typeText } from '@penstock/language';
import { fitsColumn } from './fits-column.js';
import type { TableColumn, WritableTable } from './table-columns.js';

/** What an export writes: the columns of its rows, and the one that tells rows apart. */
export interface WrittenColumns {
  readonly columns: readonly DestinationColumn[];
  readonly key: string;
}

/**
 * The columns of the table that are written, in the order of the values of a row. Throws AppError `SchemaDrift` that says all that does
 * not fit any more.
 */
export function checkTable<Column extends TableColumn>(
  table: WritableTable<Column>,
  { columns, key }: WrittenColumns,
): readonly Column[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const written = new Set(columns.map(({ name }) => name));
  const findings = [
    ...columns.map((column) => writtenFinding(column, byName.get(column.name))),
    ...table.columns.filter(({ name }) => !written.has(name)).map(missingFinding),
    keyFinding(table, written, key),
  ].filter((finding) => finding !== null);
  if (findings.length === 0) return columns.flatMap(({ name }) => byName.get(name) ?? []);
  const message = `table ${table.name} does not fit what the pipeline writes: ${findings.join('; ')}`;
  throw new AppError('SchemaDrift', { message });
}

function writtenFinding({ name, type }: DestinationColumn, column: TableColumn | undefined): string | null {
  if (column === undefined) return `column "${name}" does not exist`;
  if (column.obstacle !== null) return `column "${name}" cannot be written: it ${column.obstacle}`;
  if (column.type !== null && fitsColumn(type, column.type)) return null;
  return `column "${name}" has type "${column.label}", which cannot hold ${typeText(type)}`;
}

function missingFinding({ name, required, obstacle }: TableColumn): string | null {
  if (!required || obstacle !== null) return null;
  return `column "${name}" must have a value and is not written`;
}

function keyFinding({ keys }: WritableTable<TableColumn>, written: ReadonlySet<string>, key: string): string | null {
  if (!written.has(key)) return `the key column "${key}" is not written`;
  return keys.includes(key) ? null : `no unique index is on column "${key}" alone, which is the key`;
}
