import type { ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';

const MAX_NAME_BYTES = 63;
/** The server's limit is {@link SERVER_COLUMNS}; our own columns and those that alterations dropped count as well. */
const MAX_COLUMNS = 1_400;

/** Columns that a table of the server has at most, those that were dropped included. */
export const SERVER_COLUMNS = 1_600;

/** Why the columns of a profile schema cannot be those of a table; empty when they can. */
export function columnFaults(columns: readonly WarehouseColumn[]): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  const seen = new Map<string, string>();
  for (const { path, column } of columns) {
    const bytes = Buffer.byteLength(column);
    const other = seen.get(column);
    if (bytes > MAX_NAME_BYTES)
      details.push({ path, message: `column name has ${bytes} bytes, at most 63 are possible` });
    if (column.startsWith('_')) details.push({ path, message: 'column name must not begin with an underscore' });
    if (other !== undefined) details.push({ path, message: `column name ${column} is also that of ${other}` });
    seen.set(column, path);
  }
  if (columns.length > MAX_COLUMNS)
    details.push({ path: '', message: `at most ${MAX_COLUMNS} properties are possible` });
  return details;
}
