import type { DestinationColumn, RefusedRecord } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import type { PostgresqlColumn } from './postgresql-column.js';
import { STAGE, type StagingPlan } from './staging-table.js';

const SAME_KEY = 'the table cannot tell the key from that of another record';
/** Types whose values are equal only where their canonical texts are. Others fold case, cut, round or drop zeros. */
const PLAIN = new Set(['text', 'character varying', 'uuid', 'smallint', 'integer', 'bigint', 'boolean', 'date']);

/**
 * Whether records with different keys may have the same one in the table, because of how its column compares them or keeps them; then the
 * second would replace the first.
 */
export function mayConfuseKeys({ comparable, deterministic }: PostgresqlColumn, { type }: DestinationColumn): boolean {
  return !deterministic || !PLAIN.has(comparable) || type.kind === 'json';
}

/** Whether that is because the column takes texts for the same that differ. */
export function foldsTexts(column: PostgresqlColumn, written: DestinationColumn): boolean {
  return column.type?.kind === 'string' && mayConfuseKeys(column, written);
}

/** A key, as SQL, as what no column takes for the same. */
export function exactText(key: string): string {
  return `${key}::text COLLATE "C"`;
}

/** Takes rows with the same key out of the staging table, all of them: there is no telling which one is right. */
export async function excludeSameKeys(
  session: PostgresqlSession,
  { staged, sequence }: StagingPlan,
  key: string,
): Promise<readonly RefusedRecord[]> {
  const select = staged.find(({ name }) => name === key)?.select ?? quoteIdentifier(key);
  const number = quoteIdentifier(sequence);
  const rows = await session.rows<{ sequence: number }>(`DELETE FROM ${STAGE} WHERE ${number} IN (
      SELECT number FROM (SELECT ${number} AS number, count(*) OVER (PARTITION BY ${select}) AS alike FROM ${STAGE}) AS keys
      WHERE alike > 1)
    RETURNING ${number}::float8 AS sequence`);
  return rows.map((row) => ({ sequence: row.sequence, message: SAME_KEY }));
}
