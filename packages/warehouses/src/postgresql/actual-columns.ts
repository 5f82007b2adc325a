import type { ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { columnType } from '@penstock/postgresql';
import type { Session } from './session.js';
import type { TableName } from './warehouse-tables.js';

/** A column that a table has. Its number is never given to another one and stays when the column is renamed. */
export interface ActualColumn {
  readonly number: number;
  readonly name: string;
  readonly type: string;
}

const ACTUAL_COLUMNS = `
  SELECT attnum AS number, attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/** The columns of the profile schema that a table has: ours begin with an underscore. Empty when there is no table. */
export async function actualColumns(session: Session, table: TableName): Promise<ActualColumn[]> {
  const columns = await session.query<ActualColumn & Record<string, unknown>>(ACTUAL_COLUMNS, [table.sql]);
  return columns.filter(({ name }) => !name.startsWith('_'));
}

/** What is different between the columns that a table has and those of a profile schema. */
export function columnDifferences(actual: readonly ActualColumn[], columns: readonly WarehouseColumn[]): ErrorDetail[] {
  const types = new Map(actual.map(({ name, type }) => [name, type]));
  const wanted = columns.filter(({ column, type }) => types.get(column) !== columnType(type).sql);
  const known = new Set(columns.map(({ column }) => column));
  const foreign = actual.filter(({ name }) => !known.has(name));
  return [
    ...wanted.map(({ path, column, type }) => ({
      path,
      message: `column ${column} must be ${columnType(type).sql}, it ${is(types.get(column))}`,
    })),
    ...foreign.map(({ name }) => ({ path: name, message: `column ${name} is not in the profile schema` })),
  ];
}

function is(type: string | undefined): string {
  return type === undefined ? 'does not exist' : `is ${type}`;
}
