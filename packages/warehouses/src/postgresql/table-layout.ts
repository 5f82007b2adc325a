import { AppError } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { type ActualColumn, actualColumns, columnDifferences } from './actual-columns.js';
import type { Session } from './session.js';
import type { WarehouseTables } from './warehouse-tables.js';

/**
 * The columns of the identities as an attempt has found them: names, types and numbers. Any alteration makes another text of them,
 * also one that swaps two names.
 */
export type TableLayout = string;

/** Reads the layout. Throws AppError WarehouseConflict unless the columns are those that an attempt is going to write. */
export async function requireLayout(
  session: Session,
  { identities }: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<TableLayout> {
  const actual = await actualColumns(session, identities);
  const details = columnDifferences(actual, columns);
  if (details.length === 0) return layoutOf(actual);
  throw new AppError('WarehouseConflict', {
    message:
      'the data warehouse has other columns than the profile schema, which is being altered; the run starts again',
    details,
  });
}

/** Throws AppError WarehouseConflict when the columns have been altered since the layout was read. */
export async function requireSameLayout(
  session: Session,
  { identities }: WarehouseTables,
  layout: TableLayout,
): Promise<void> {
  if (layoutOf(await actualColumns(session, identities)) === layout) return;
  throw new AppError('WarehouseConflict', {
    message: 'the profile schema was altered during the run; nothing was imported, and the run starts again',
  });
}

function layoutOf(columns: readonly ActualColumn[]): TableLayout {
  return columns.map(({ number, name, type }) => `${number} ${name} ${type}`).join('\n');
}
