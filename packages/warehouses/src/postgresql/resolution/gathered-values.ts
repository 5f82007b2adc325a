import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import { chosenPlace, NEWEST_FIRST, primarySource } from './attribute-choice.js';
import { COMPONENTS, createTable, isVisible, NODES, PLACES, type Resolution } from './resolution.js';

/**
 * The identities of components that have several, with all of their values. Our own columns begin with an underscore, as those of
 * the profile schema never do.
 */
export const GATHERED = 'pg_temp.penstock_gathered';
/** Of a larger component only those rows are aggregated that can be chosen: the memory for arrays of values stays small. */
const LARGE = 1_000;

/** Fills {@link GATHERED}. Returns how many identities there are. */
export function gatherValues(resolution: Resolution): Promise<number> {
  const { session, tables, request } = resolution;
  const columns = ['_pipeline', '_user_id', '_connection', '_updated_at', ...valueColumns(request)];
  return createTable(
    session,
    GATHERED,
    `SELECT k.c AS _component, ${columns.map((column) => `id.${column}`).join(', ')}
     FROM ${COMPONENTS} AS k JOIN ${NODES} AS n ON n.n = k.n
     JOIN ${tables.identities.sql} AS id ON id._user_id = n._user_id AND id._pipeline = n._pipeline
     WHERE ${isVisible(resolution, 'id')}`,
  );
}

/** Creates a table of `_component`, `_elements`, each element once, where it comes first; returns its name. */
export async function unite({ session }: Resolution, { column }: WarehouseColumn, index: number): Promise<string> {
  const table = `penstock_united_${index}`;
  const places = `
    SELECT _component, _element, row_number() OVER (PARTITION BY _component ORDER BY ${NEWEST_FIRST}, _index) AS _place
    FROM ${GATHERED} CROSS JOIN LATERAL unnest(${quoteIdentifier(column)}) WITH ORDINALITY AS e (_element, _index)`;
  const once = `SELECT _component, _element, min(_place) AS _place FROM (${places}) AS placed GROUP BY _component, _element`;
  await createTable(
    session,
    `pg_temp.${table}`,
    `SELECT _component, array_agg(_element ORDER BY _place) AS _elements FROM (${once}) AS once GROUP BY _component`,
  );
  return table;
}

/** Deletes the rows of large components that cannot give a value; the first is the newest, and those with arrays say that there is one. */
export async function thinOutLarge({ session, request }: Resolution): Promise<void> {
  const large = `SELECT c FROM ${PLACES} WHERE size > ${LARGE}`;
  if ((await session.query(`${large} LIMIT 1`)).length === 0) return;
  const chosen = request.columns.flatMap((column) => chosenPlace(column, primarySource(request, column)));
  const place = `row_number() OVER (PARTITION BY _component ORDER BY ${NEWEST_FIRST}) AS _place`;
  const ranked = ['_component', 'ctid AS _address', '_connection', place, ...valueColumns(request)];
  await session.query(`
    WITH ranked AS MATERIALIZED (SELECT ${ranked.join(', ')} FROM ${GATHERED} WHERE _component IN (${large})),
    chosen AS (
      SELECT _component, unnest(ARRAY[${['1::bigint', ...chosen].join(', ')}]) AS _place FROM ranked GROUP BY _component)
    DELETE FROM ${GATHERED} AS g USING ranked AS x WHERE g.ctid = x._address AND NOT EXISTS (
      SELECT FROM chosen WHERE chosen._component = x._component AND chosen._place = x._place)`);
}

function valueColumns({ columns }: Resolution['request']): string[] {
  return columns.map(({ column }) => quoteIdentifier(column));
}
