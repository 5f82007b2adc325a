import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import { chosenValue, isUnited, NEWEST_FIRST, primarySource, withoutRepetitions } from './attribute-choice.js';
import { GATHERED, gatherValues, thinOutLarge, unite } from './gathered-values.js';
import { isVisible, NODES, PLACES, type Resolution } from './resolution.js';

/** The columns of the queries, behind `_id` and `_updated_at`. */
export function profileColumns({ request }: Resolution): string[] {
  return request.columns.map(({ column }) => quoteIdentifier(column));
}

/** Queries that together give the profiles that were resolved: `_id`, `_updated_at` and the columns of the schema. */
export async function profileQueries(resolution: Resolution): Promise<string[]> {
  const gathered = await gatherValues(resolution);
  if (gathered === 0) return [aloneQuery(resolution)];
  const united = new Map<string, string>();
  for (const [index, column] of resolution.request.columns.entries()) {
    if (isUnited(column)) united.set(column.path, await unite(resolution, column, index));
  }
  await thinOutLarge(resolution);
  return [aloneQuery(resolution), togetherQuery(resolution, united)];
}

/** Profiles of one identity have its values. */
function aloneQuery(resolution: Resolution): string {
  const values = resolution.request.columns.map((column) => {
    const value = `id.${quoteIdentifier(column.column)}`;
    return isUnited(column) ? withoutRepetitions(value) : value;
  });
  return `
    SELECT ${['p.profile', 'id._updated_at', ...values].join(', ')} FROM ${PLACES} AS p JOIN ${NODES} AS n ON n.n = p.c
    JOIN ${resolution.tables.identities.sql} AS id ON id._user_id = n._user_id AND id._pipeline = n._pipeline
    WHERE p.size = 1 AND ${isVisible(resolution, 'id')}`;
}

function togetherQuery({ request }: Resolution, united: ReadonlyMap<string, string>): string {
  const values = request.columns.map((column) => {
    const value = quoteIdentifier(column.column);
    return `${aggregateOf(column, primarySource(request, column))} AS ${value}`;
  });
  const columns = request.columns.map((column) => {
    const value = `g.${quoteIdentifier(column.column)}`;
    const table = united.get(column.path);
    return table === undefined ? value : `CASE WHEN ${value} THEN coalesce(${table}._elements, '{}') END`;
  });
  const joins = [...united.values()].map((table) => `LEFT JOIN pg_temp.${table} ON ${table}._component = p.c`);
  return `
    SELECT ${['p.profile', 'g._updated_at', ...columns].join(', ')} FROM (
      SELECT ${['_component', 'max(_updated_at) AS _updated_at', ...values].join(', ')}
      FROM (SELECT * FROM ${GATHERED} ORDER BY _component, ${NEWEST_FIRST}) AS ordered GROUP BY _component
    ) AS g JOIN ${PLACES} AS p ON p.c = g._component ${joins.join(' ')}`;
}

/** Of an array only whether anybody has one. */
function aggregateOf(column: WarehouseColumn, primary: number | undefined): string {
  if (isUnited(column)) return `bool_or(${quoteIdentifier(column.column)} IS NOT NULL)`;
  return chosenValue(column, primary);
}
