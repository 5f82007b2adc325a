import { quoteIdentifier } from '@penstock/postgresql';
import type { TableName } from '../warehouse-tables.js';
import type { Comparison } from './publication.js';

/**
 * What differs, by row addresses, which are cheap to keep and to join by: a staged row without an identity is new, an identity
 * without a staged row has vanished, a pair has changed. Addresses stay what they are while the publish holds the fence.
 */
export const DIFFERENCES = 'pg_temp.penstock_differences';

export interface Differences {
  readonly added: number;
  readonly changed: number;
  readonly vanished: number;
}

/** A stage smaller than this part of the identities looks its rows up by the index; a greater one reads all. */
const LOOK_UP_PART = 8;

/** Fills {@link DIFFERENCES}. Vanished identities are looked for only where they are to be removed. */
export async function findDifferences(comparison: Comparison): Promise<Differences> {
  const { session, plan, stage } = comparison;
  const looksUp = stage !== null && !plan.removeVanished && (await isMuchSmaller(comparison, stage));
  // The planner would have to guess: the staging table was never analysed, the identities perhaps not yet.
  const unwanted = looksUp ? 'enable_hashjoin' : 'enable_nestloop';
  await session.query(`
    DROP TABLE IF EXISTS ${DIFFERENCES};
    SET LOCAL ${unwanted} = off;
    CREATE TEMPORARY TABLE penstock_differences ON COMMIT DROP AS ${differencesQuery(comparison)};
    SET LOCAL ${unwanted} = on`);
  const [counts] = await session.query<Record<keyof Differences, string>>(COUNT);
  const differences = {
    added: Number(counts?.added),
    changed: Number(counts?.changed),
    vanished: Number(counts?.vanished),
  };
  // Else a single difference looks like two thousand, for which all identities would be read.
  if (differences.added + differences.changed + differences.vanished > 0) await session.query(`ANALYZE ${DIFFERENCES}`);
  return differences;
}

const COUNT = `
  SELECT count(*) FILTER (WHERE target IS NULL) AS added, count(*) FILTER (WHERE staged IS NULL) AS vanished,
         count(*) FILTER (WHERE staged IS NOT NULL AND target IS NOT NULL) AS changed FROM ${DIFFERENCES}`;

/** Whether two of the new rows have the same id; a publish learns it when it adds them. */
export async function addsDuplicates({ session, stage }: Comparison): Promise<boolean> {
  if (stage === null) return false;
  const found = await session.query(`
    SELECT 1 FROM ${DIFFERENCES} AS d JOIN ${stage.sql} AS s ON s.ctid = d.staged WHERE d.target IS NULL
    GROUP BY s._user_id HAVING count(*) > 1 LIMIT 1`);
  return found.length > 0;
}

/** Takes the identities that are to be kept out of those that vanished. Returns how many they were. */
export async function spareKept({ session, keep, ...comparison }: Comparison, vanished: number): Promise<number> {
  if (keep === null || vanished === 0) return 0;
  return session.execute(`
    DELETE FROM ${DIFFERENCES} AS difference USING ${partitionOf(comparison)} AS identity
    WHERE difference.staged IS NULL AND identity.ctid = difference.target
      AND identity._user_id IN (SELECT _user_id FROM ${keep.sql})`);
}

/** How many identities the pipeline has. */
export async function countExisting(comparison: Comparison): Promise<number> {
  const [found] = await comparison.session.query<{ identities: string }>(
    `SELECT count(*) AS identities FROM ${partitionOf(comparison)}`,
  );
  return Number(found?.identities);
}

/** The table of the pipeline's identities, as SQL. */
export function partitionOf({ tables, target }: Pick<Comparison, 'tables' | 'target'>): string {
  return tables.partition(target.pipeline).sql;
}

function differencesQuery(comparison: Comparison): string {
  const { plan, stage } = comparison;
  const partition = partitionOf(comparison);
  if (stage === null) {
    return `SELECT NULL::tid AS staged, ctid AS target FROM ${partition} WHERE ${plan.removeVanished}`;
  }
  return `
    SELECT s.ctid AS staged, t.ctid AS target
    FROM ${stage.sql} AS s ${plan.removeVanished ? 'FULL' : 'LEFT'} JOIN ${partition} AS t ON t._user_id = s._user_id
    WHERE s._user_id IS NULL OR t._user_id IS NULL OR ${valuesDiffer(comparison)}`;
}

function valuesDiffer({ plan, target }: Comparison): string {
  const columns = target.columns.map(({ column }) => quoteIdentifier(column));
  if (plan.compareUpdatedAt) columns.push('_updated_at');
  return columns.map((column) => `s.${column} IS DISTINCT FROM t.${column}`).join(' OR ') || 'false';
}

async function isMuchSmaller({ session, tables, target }: Comparison, stage: TableName): Promise<boolean> {
  const [sizes] = await session.query<{ smaller: boolean }>(
    'SELECT pg_relation_size(to_regclass($1)) * $2 < pg_relation_size(to_regclass($3)) AS smaller',
    [stage.sql, LOOK_UP_PART, partitionOf({ tables, target })],
  );
  return sizes?.smaller === true;
}
