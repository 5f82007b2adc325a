import { compileFilter, type Filter, leafProperties, type ObjectType, type Value } from '@penstock/language';
import { columnType, copyIn, copyStream, quoteIdentifier, RowEncoder } from '@penstock/postgresql';
import type { ClientBase } from 'pg';
import { selectedColumn } from '../src/postgresql/decode-value.js';
import { filterSql } from '../src/postgresql/filter/filter-sql.js';

/** Values of the leaves of a schema, by position. */
export type LeafRow = readonly Value[];

/** Rows in a table whose columns are those that the warehouse would have for a schema. */
export interface FilterTable {
  /** The rows as the warehouse gives them back: what it could not keep in full is cut. */
  readonly rows: readonly LeafRow[];
  /** For each filter, which of the rows the server selects, in one statement. */
  select(filters: readonly Filter[]): Promise<boolean[][]>;
}

/** The name of a column needs quotes, so that a name which is not quoted is an error. */
const columnName = (path: string): string => `Column "${path}"`;

export async function createFilterTable(
  client: ClientBase,
  schema: ObjectType,
  rows: readonly LeafRow[],
): Promise<FilterTable> {
  const leaves = leafProperties(schema).map(({ path, property: { type } }) => {
    return { path, type, sql: quoteIdentifier(columnName(path)) };
  });
  const definitions = leaves.map(({ sql, type }) => `${sql} ${columnType(type).sql}`);
  await client.query('DROP TABLE IF EXISTS filtered');
  await client.query(`CREATE TEMPORARY TABLE filtered (${definitions.join(', ')}, sequence bigint)`);
  const encoder = new RowEncoder(leaves.map(({ path, type }) => ({ path, encode: columnType(type).encode })));
  for (const [sequence, row] of rows.entries()) {
    const refusal = encoder.add(row, sequence);
    if (refusal !== undefined) throw new Error(refusal);
  }
  await copyIn(client, 'COPY filtered FROM STDIN (FORMAT binary)', copyStream(encoder.take().bytes));
  const texts = leaves.map(({ sql, type }) => selectedColumn(type).sql(sql));
  const decoders = leaves.map(({ type }) => selectedColumn(type).decode);
  const text = `SELECT ${texts.join(', ')} FROM filtered ORDER BY sequence`;
  const stored = await client.query<(string | null)[]>({ text, rowMode: 'array' });
  return {
    rows: stored.rows.map((row) =>
      row.map((value, leaf) => (value === null ? null : (decoders[leaf]?.(value) ?? null))),
    ),
    select: (filters) => selectAll(client, filters),
  };
}

async function selectAll(client: ClientBase, filters: readonly Filter[]): Promise<boolean[][]> {
  const values: unknown[] = [];
  const selections = filters.map((filter) => {
    const sql = filterSql(filter, columnName, values.length + 1);
    values.push(...sql.values);
    return `CASE WHEN ${sql.text} THEN true ELSE false END`;
  });
  const text = `SELECT ${selections.join(', ')} FROM filtered ORDER BY sequence`;
  const { rows } = await client.query<boolean[]>({ text, values, rowMode: 'array' });
  return filters.map((_, index) => rows.map((row) => row[index] === true));
}

/** Which rows the predicate accepts. A null in a column is a null, or a property that is missing. */
export function accepted(
  filter: Filter,
  { schema, rows, nullIs }: { schema: ObjectType; rows: readonly LeafRow[]; nullIs: 'null' | 'missing' },
): boolean[] {
  const predicate = compileFilter(filter, schema);
  return rows.map((leaves) => {
    const values = leaves[Symbol.iterator]();
    return predicate(recordOf(schema, values, nullIs));
  });
}

function recordOf(schema: ObjectType, leaves: Iterator<Value>, nullIs: 'null' | 'missing'): Value[] {
  const record: Value[] = [];
  for (const [index, { type }] of schema.properties.entries()) {
    if (type.kind === 'object') {
      const members = recordOf(type, leaves, nullIs);
      const present = type.properties.flatMap((member, at) =>
        at in members ? [[member.name, members[at] ?? null]] : [],
      );
      record[index] = Object.fromEntries(present);
      continue;
    }
    const value: Value = leaves.next().value ?? null;
    if (value !== null || nullIs === 'null') record[index] = value;
  }
  return record;
}
