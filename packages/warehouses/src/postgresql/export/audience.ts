import { AppError } from '@penstock/domain';
import type { ExportQuery, WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import { filterCondition } from '../filter/filter-sql.js';
import type { Session } from '../session.js';
import { tableExists } from '../table-exists.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { LITERAL_OPERANDS } from './literal-operands.js';

const NO_PROFILES = '(SELECT NULL::uuid AS _id, NULL::bigint AS _revision LIMIT 0)';

/** The profiles that an export is about, as something that SQL selects from. */
export interface Audience {
  readonly sql: string;
  /** Whether there is a table of profiles. */
  readonly exists: boolean;
}

/** The profiles that the filter accepts. Before the first resolution there are none. */
export async function audienceOf(session: Session, tables: WarehouseTables, query: ExportQuery): Promise<Audience> {
  if (!(await tableExists(session, tables.profiles))) return { sql: NO_PROFILES, exists: false };
  const { filter, filterColumns } = query;
  if (filter === null) return { sql: tables.profiles.sql, exists: true };
  const columnOf = (path: string): string => columnAt(filterColumns, path).column;
  // In a query of its own, because the names of other tables' columns are also those of properties.
  const condition = filterCondition(filter, columnOf, LITERAL_OPERANDS);
  return { sql: `(SELECT * FROM ${tables.profiles.sql} WHERE ${condition})`, exists: true };
}

/** The column of a property, as SQL. */
export function columnSqlAt({ filterColumns }: ExportQuery, path: string): string {
  return quoteIdentifier(columnAt(filterColumns, path).column);
}

/** The column of a property. Throws AppError when there is none. */
export function columnAt(columns: readonly WarehouseColumn[], path: string): WarehouseColumn {
  const column = columns.find((candidate) => candidate.path === path);
  if (column !== undefined) return column;
  throw new AppError('SchemaDrift', { message: `the profile schema no longer has the property ${path}` });
}
