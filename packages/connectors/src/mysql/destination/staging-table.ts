import type { MysqlSession } from '../session.js';
import type { MysqlColumn } from './mysql-column.js';
import type { MysqlTable } from './read-table.js';
import { quoteIdentifier, quoteText } from './sql-text.js';
import type { ValueLiteral } from './value-literal.js';

export interface StagingPlan {
  readonly table: MysqlTable;
  /** The written columns, in the order of the values of a row. */
  readonly columns: readonly MysqlColumn[];
  readonly literals: readonly ValueLiteral[];
  /** Name of the staging table, quoted; only its session sees it, and it ends with the session. */
  readonly stage: string;
  /** Column of the numbers of the rows; the table has none of that name. */
  readonly sequence: string;
}

/** Whether triggers may change a row before its constraints are looked at. */
export async function hasBeforeTriggers(session: MysqlSession, { found }: MysqlTable): Promise<boolean> {
  const rows = await session.query(`
    SELECT 1 FROM information_schema.TRIGGERS WHERE ACTION_TIMING = 'BEFORE' AND EVENT_MANIPULATION <> 'DELETE'
      AND EVENT_OBJECT_SCHEMA = ${quoteText(found.database)} AND EVENT_OBJECT_TABLE = ${quoteText(found.table)} LIMIT 1`);
  return rows.length > 0;
}

/** The staging table is in the database of the table: a temporary table hides one of its name, so it must have one that is not there. */
export function stageName({ found }: MysqlTable): string {
  const name = found.table === 'penstock_stage' ? '_penstock_stage' : 'penstock_stage';
  return `${quoteIdentifier(found.database)}.${quoteIdentifier(name)}`;
}

/** A name that no column of the table has. */
export function sequenceName({ columns }: MysqlTable): string {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = 'penstock_sequence';
  while (names.has(name)) name = `_${name}`;
  return name;
}

/** Creates the staging table, with the types of the table's columns. */
export async function createStagingTable(session: MysqlSession, plan: StagingPlan): Promise<void> {
  const definitions = plan.columns.map(({ name, definition }) => `${quoteIdentifier(name)} ${definition} NULL`);
  definitions.push(`${quoteIdentifier(plan.sequence)} BIGINT UNSIGNED NOT NULL PRIMARY KEY`);
  await session.query(`CREATE TEMPORARY TABLE ${plan.stage} (${definitions.join(', ')}) ENGINE = InnoDB`);
}
