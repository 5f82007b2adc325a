import type { RefusedRecord } from '@penstock/engine';
import type { Kind } from '@penstock/language';
import type { MysqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { quoteIdentifier } from './sql-text.js';

const SAME_KEY = 'the table cannot tell the key from that of another record';
/** Kinds of columns whose values are equal only where their canonical texts are. Others fold case and accents, cut, or drop blanks. */
const PLAIN: ReadonlySet<Kind | undefined> = new Set<Kind>(['int', 'uuid', 'boolean', 'date', 'year']);
/** Types of texts; an enumeration keeps its own spelling. */
const TEXTS = /^(?:var)?char|text$/i;
/** Keys that are looked at, at once. */
const KEYS = 1_000;

/** Whether keys are texts that the table may take for the same although they differ. */
export function foldsKeys({ columns, key }: WritePlan): boolean {
  const column = columns.find(({ name }) => name === key);
  return column?.type?.kind === 'string' && TEXTS.test(column.label);
}

/**
 * Takes rows whose keys the column takes for the same out of the staging table, all of them: there is no telling which one is right. A
 * temporary table can be named only once in a statement.
 */
export async function excludeSameKeys(session: MysqlSession, plan: WritePlan): Promise<readonly RefusedRecord[]> {
  const key = plan.columns.find(({ name }) => name === plan.key);
  if (PLAIN.has(key?.type?.kind)) return [];
  const number = quoteIdentifier(plan.sequence);
  const same = `SELECT GROUP_CONCAT(${number}) FROM ${plan.stage} GROUP BY ${quoteIdentifier(plan.key)}
    HAVING COUNT(*) > 1 LIMIT ${KEYS}`;
  const refused: RefusedRecord[] = [];
  for (;;) {
    const rows = await session.query(same);
    if (rows.length === 0) return refused;
    const sequences = rows.flatMap(([list]) => (list ?? '').split(',').map(Number));
    await session.query(`DELETE FROM ${plan.stage} WHERE ${number} IN (${sequences.join(',')})`);
    refused.push(...sequences.map((sequence) => ({ sequence, message: SAME_KEY })));
  }
}
