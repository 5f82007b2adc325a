import { AppError, type ErrorDetail } from '@penstock/domain';
import { columnType } from '@penstock/postgresql';
import type { SchemaAlteration } from '../../warehouse-platform.js';
import { actualColumns, columnDifferences } from '../actual-columns.js';
import { columnFaults, SERVER_COLUMNS } from '../column-faults.js';
import type { Session } from '../session.js';
import { tableExists } from '../table-exists.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { columnChanges } from './column-changes.js';

/** Throws AppError InvalidAlterSchema with all that keeps an alteration from being made. */
export async function requireAlterable(
  session: Session,
  tables: WarehouseTables,
  alteration: SchemaAlteration,
): Promise<void> {
  const faults = [...keptFaults(alteration), ...columnFaults(alteration.after)];
  if (faults.length > 0) throw invalid('profile schema cannot be altered like this', faults);
  for (const table of [tables.identities, tables.profiles]) {
    if (!(await tableExists(session, table))) continue;
    const differences = columnDifferences(await actualColumns(session, table), alteration.before);
    if (differences.length > 0) throw invalid(`table ${table.name} has other columns than the schema`, differences);
  }
  await requireRoom(session, tables, alteration);
}

function keptFaults({ before, after, kept }: SchemaAlteration): ErrorDetail[] {
  const columnsBefore = new Map(before.map((column) => [column.path, column]));
  const columnsAfter = new Map(after.map((column) => [column.path, column]));
  const keepers = new Map<string, string>();
  return Object.entries(kept).flatMap(([path, from]) => {
    const [old, next, other] = [columnsBefore.get(from), columnsAfter.get(path), keepers.get(from)];
    keepers.set(from, path);
    if (next === undefined) return [{ path, message: 'is not in the new schema' }];
    if (old === undefined) return [{ path, message: `keeps ${from}, which is not in the schema` }];
    if (other !== undefined) return [{ path, message: `keeps ${from}, which ${other} keeps already` }];
    const [oldType, newType] = [columnType(old.type).sql, columnType(next.type).sql];
    return oldType === newType ? [] : [{ path, message: `cannot become ${newType}: ${from} is ${oldType}` }];
  });
}

/** The greatest number of columns that one of the tables has had; the partitions have had others than the table of identities. */
const USED_COLUMNS = `
  SELECT coalesce(max(relnatts), 0)::integer AS used FROM pg_class
  WHERE oid IN (to_regclass($1), to_regclass($2))
     OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass($1))`;

/** Dropped columns count for the server as long as the table exists. */
async function requireRoom(
  session: Session,
  { identities, profiles }: WarehouseTables,
  alteration: SchemaAlteration,
): Promise<void> {
  const added = columnChanges(alteration).added.length;
  const [columns] = await session.query<{ used: number }>(USED_COLUMNS, [identities.sql, profiles.sql]);
  const room = SERVER_COLUMNS - (columns?.used ?? 0);
  if (added <= room) return;
  throw invalid(
    `${added} properties cannot be added: the data warehouse has room for ${room} more columns, because it counts those that were dropped; to have room again, connect a new data warehouse and import into it`,
    [],
  );
}

function invalid(message: string, details: readonly ErrorDetail[]): AppError {
  return new AppError('InvalidAlterSchema', { message, ...(details.length > 0 && { details }) });
}
