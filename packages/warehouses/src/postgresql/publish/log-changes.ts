import { DIFFERENCES, partitionOf } from './find-differences.js';
import type { Comparison } from './publication.js';

/** A log of so many bytes, about a million changes, waits for a resolution that may never come: from then on it hardly grows. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
/** Publishes that change fewer identities name them, whatever part of all they are. */
const FEW = 1_000;

/**
 * Notes which identities are added, changed or removed, for the next resolution of identities: in the publish's transaction, before
 * they are removed. One row stands for the whole pipeline where many change.
 */
export async function logChanges(
  comparison: Comparison,
  { changes, existing }: { readonly changes: number; readonly existing: number },
): Promise<void> {
  if (changes === 0) return;
  const { session, tables, target, stage } = comparison;
  if ((changes > FEW && changes * 2 > existing && existing > 0) || (await isLarge(comparison))) {
    return logPipeline(comparison);
  }
  const staged = `SELECT s._user_id FROM ${DIFFERENCES} AS d JOIN ${stage?.sql} AS s ON s.ctid = d.staged UNION ALL`;
  await session.query(
    `INSERT INTO ${tables.changes.sql} (_pipeline, _user_id) SELECT $1, _user_id FROM (
       ${stage === null ? '' : staged}
       SELECT t._user_id FROM ${DIFFERENCES} AS d JOIN ${partitionOf(comparison)} AS t ON t.ctid = d.target
       WHERE d.staged IS NULL
     ) AS changed`,
    [target.pipeline],
  );
}

/** Notes that all identities of the pipeline may have changed. */
export async function logPipeline({ session, tables, target }: Comparison): Promise<void> {
  await session.query(`INSERT INTO ${tables.changes.sql} (_pipeline) VALUES ($1)`, [target.pipeline]);
}

async function isLarge({ session, tables }: Comparison): Promise<boolean> {
  const [log] = await session.query<{ large: boolean }>('SELECT pg_relation_size(to_regclass($1)) > $2 AS large', [
    tables.changes.sql,
    MAX_LOG_BYTES,
  ]);
  return log?.large === true;
}
