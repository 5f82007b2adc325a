import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import type { PostgresqlColumn } from './postgresql-column.js';
import type { PostgresqlTable } from './read-table.js';
import type { StagedColumn } from './staged-column.js';

/** Only its session sees it, and it ends with the session. */
export const STAGE = 'pg_temp.penstock_stage';

/** Triggers that may change a row before its constraints are looked at: of the table and, where it is partitioned, of its parts. */
const BEFORE_TRIGGERS = `
SELECT 1 FROM pg_catalog.pg_trigger
WHERE tgrelid IN (SELECT $1::oid UNION ALL SELECT relid FROM pg_catalog.pg_partition_tree($1::oid::regclass))
  AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 3 = 3 LIMIT 1`;

/** Checks that only need the written columns. (PostgreSQL 18 knows some that are not enforced.) */
const CHECKS = `
SELECT c.conname AS name, pg_catalog.pg_get_expr(c.conbin, c.conrelid) AS expression
FROM pg_catalog.pg_constraint c
WHERE c.contype = 'c' AND c.conrelid = $1::oid AND cardinality(c.conkey) > 0
  AND coalesce(pg_catalog.to_jsonb(c) ->> 'conenforced', 'true') = 'true'
  AND c.conkey <@ ARRAY(SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = ANY ($2::name[]))`;

export interface StagingPlan {
  readonly table: PostgresqlTable;
  readonly columns: readonly PostgresqlColumn[];
  readonly staged: readonly StagedColumn[];
  /** Column of the numbers of the rows; the table has none of that name. */
  readonly sequence: string;
}

/** A name that no column of the table has. */
export function sequenceName({ columns }: PostgresqlTable): string {
  const names = new Set(columns.map(({ name }) => name));
  let name = 'penstock_sequence';
  while (names.has(name)) name = `_${name}`;
  return name;
}

/**
 * Creates the staging table: types and, so that bad rows are found while they are staged, constraints as the table's. Where triggers may
 * mend a row first, there are no constraints.
 */
export async function createStagingTable(session: PostgresqlSession, plan: StagingPlan): Promise<void> {
  const isMended = (await session.rows(BEFORE_TRIGGERS, [plan.table.oid])).length > 0;
  const definitions = plan.staged.map(({ name, sql, isExact }, index) => {
    const isRequired = !isMended && isExact && plan.columns[index]?.nullable === false;
    return `${quoteIdentifier(name)} ${sql}${isRequired ? ' NOT NULL' : ''}`;
  });
  const checks = isMended ? [] : await checksOf(session, plan);
  const members = [...definitions, ...checks, `${quoteIdentifier(plan.sequence)} bigint NOT NULL`];
  await session.rows(`CREATE TEMPORARY TABLE ${STAGE} (${members.join(', ')})`);
}

async function checksOf(session: PostgresqlSession, { table, staged }: StagingPlan): Promise<string[]> {
  const exact = staged.filter(({ isExact }) => isExact).map(({ name }) => name);
  const rows = await session.rows<{ name: string; expression: string }>(CHECKS, [table.oid, exact]);
  return rows.map(({ name, expression }) => `CONSTRAINT ${quoteIdentifier(name)} CHECK (${expression})`);
}
