import { AppError } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { ProfilePage, ProfileRecord, ProfilesRequest } from '../../warehouse-platform.js';
import { filterSql } from '../filter/filter-sql.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { type AttributesSelection, attributesSelection } from './attributes.js';
import { isUuid } from './is-uuid.js';
import { prepareReading } from './prepare-reading.js';

interface ProfileRow {
  id: string;
  updatedAt: string;
  attributes: (string | null)[];
}

/** Lists a page of the profiles, with how many there are in all, in one statement. */
export async function listProfiles(
  session: Session,
  tables: WarehouseTables,
  request: ProfilesRequest,
): Promise<ProfilePage> {
  if (!(await prepareReading(session, tables.profiles))) return { profiles: [], total: 0 };
  const selection = attributesSelection(request.columns);
  const { text, values } = pageStatement(tables, request, selection);
  const rows = await session.query<(ProfileRow | { id: null }) & { _total: string }>(text, values);
  const profiles = rows.flatMap((row) => (row.id === null ? [] : [profileOf(row, selection)]));
  return { profiles, total: Number(rows[0]?._total) };
}

/** Reads one profile. */
export async function findProfile(
  session: Session,
  tables: WarehouseTables,
  { profile, columns }: { readonly profile: string; readonly columns: readonly WarehouseColumn[] },
): Promise<ProfileRecord | undefined> {
  if (!isUuid(profile) || !(await prepareReading(session, tables.profiles))) return undefined;
  const selection = attributesSelection(columns);
  const [row] = await session.query<ProfileRow & Record<string, unknown>>(
    `SELECT ${fieldsOf(selection)} FROM ${tables.profiles.sql} WHERE _id = $1::uuid`,
    [profile],
  );
  return row && profileOf(row, selection);
}

/**
 * The total stands beside each profile of the page; beside an empty page it stands alone. Values become texts outside of the page,
 * where they are few. The order is said twice: inside it makes the page, outside nothing else promises that the page keeps it.
 */
function pageStatement(
  { profiles }: WarehouseTables,
  { filter, filterColumns, orderBy, descending, first, limit }: ProfilesRequest,
  selection: AttributesSelection,
): { text: string; values: unknown[] } {
  const condition = filter === null ? { text: 'true', values: [] } : filterSql(filter, columnFinder(filterColumns), 3);
  const order = `_order ${descending ? 'DESC' : 'ASC'} NULLS LAST, _id`;
  const matching = `FROM ${profiles.sql} WHERE ${condition.text}`;
  return {
    text: `
      SELECT _total, ${fieldsOf(selection)} FROM (SELECT count(*) AS _total ${matching}) AS counted
      LEFT JOIN (SELECT *, ${orderOf(orderBy)} AS _order ${matching} ORDER BY ${order} OFFSET $1 LIMIT $2) AS page ON true
      ORDER BY ${order}`,
    values: [first, limit, ...condition.values],
  };
}

function fieldsOf({ sql }: AttributesSelection): string {
  return `_id AS id, _updated_at::text AS "updatedAt", ${sql} AS attributes`;
}

/** Texts are ordered by their bytes, as filters compare them. */
function orderOf(orderBy: WarehouseColumn | null): string {
  if (orderBy === null) return '_updated_at';
  return `${quoteIdentifier(orderBy.column)}${orderBy.type.kind === 'string' ? ' COLLATE "C"' : ''}`;
}

function columnFinder(columns: readonly WarehouseColumn[]): (path: string) => string {
  const byPath = new Map(columns.map(({ path, column }) => [path, column]));
  return (path) => {
    const column = byPath.get(path);
    if (column !== undefined) return column;
    throw new AppError('PropertyNotExist', { message: `the profile schema no longer has the property ${path}` });
  };
}

function profileOf({ id, updatedAt, attributes }: ProfileRow, selection: AttributesSelection): ProfileRecord {
  return { id, updatedAt, attributes: selection.decode(attributes) };
}
