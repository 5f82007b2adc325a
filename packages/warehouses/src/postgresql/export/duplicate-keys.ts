import type { DuplicateKey } from '@penstock/engine';
import { COMPARISON_SETTINGS } from '../publish/publish-turn.js';
import type { Session } from '../session.js';
import type { AcceptedRelation } from './accepted-relation.js';
import type { FailedProfiles } from './failed-profiles.js';
import type { StagedRecords } from './staged-records.js';

const BATCH = 10_000;
const KEYS = 'pg_temp.penstock_same_keys';
const RIVALS = 'pg_temp.penstock_rivals';
const DUPLICATES = 'pg_temp.penstock_duplicates';

export interface KeyOwners {
  readonly session: Session;
  readonly staged: StagedRecords;
  readonly accepted: AcceptedRelation;
  /** Who failed already: they share keys, and are not found. */
  readonly failed: FailedProfiles;
  /** Which of some profiles take part. */
  readonly whoTakesPart: (profiles: readonly string[]) => Promise<readonly string[]>;
}

/**
 * Finds the records that share a key, among those that were staged and those that the destination has of profiles that take part and
 * were not staged. Returns how many there are; they are numbered from 1, for {@link duplicatesFrom}.
 */
export async function findDuplicates(owners: KeyOwners): Promise<number> {
  const { session, staged } = owners;
  await session.query(`DROP TABLE IF EXISTS ${KEYS}, ${RIVALS}, ${DUPLICATES}; ANALYZE ${staged.table.sql}`);
  return session.transaction(async () => {
    await session.query(`SELECT ${COMPARISON_SETTINGS}`);
    const keys = await session.execute(`CREATE TEMPORARY TABLE penstock_same_keys AS ${sharedKeysQuery(owners)}`);
    if (keys === 0) return 0;
    await session.query(`ANALYZE ${KEYS}`);
    await keepRivals(owners);
    return session.execute(`CREATE TEMPORARY TABLE penstock_duplicates AS ${duplicatesQuery(owners)}`);
  });
}

/** The next batch after a number. */
export async function duplicatesFrom(session: Session, after: number): Promise<DuplicateKey[]> {
  const rows = await session.query<{ profile: string; sequence: string | null; isNew: boolean; other: string }>(
    `SELECT profile, sequence, is_new AS "isNew", other FROM ${DUPLICATES}
     WHERE number > $1 AND number <= $1 + ${BATCH} ORDER BY number`,
    [after],
  );
  return rows.map(({ sequence, ...row }) => ({ ...row, sequence: sequence === null ? null : Number(sequence) }));
}

function sharedKeysQuery(owners: KeyOwners): string {
  const { accepted, staged } = owners;
  const among = sharedAmongStaged(staged);
  if (!accepted.exists) return among;
  return `(${among}) UNION SELECT s.key FROM ${staged.table.sql} AS s JOIN ${accepted.sql} AS f ON f.key = s.key
    WHERE ${staged.unlessRefused} AND ${notStaged(owners)}`;
}

/** By hash first: counting a million numbers takes half the time of counting a million texts. */
function sharedAmongStaged({ table, unlessRefused }: StagedRecords): string {
  const hash = 'hashtextextended(s.key, 0)';
  return `
    SELECT s.key FROM ${table.sql} AS s JOIN (
      SELECT ${hash} AS hash FROM ${table.sql} AS s WHERE s.key IS NOT NULL AND ${unlessRefused} GROUP BY 1 HAVING count(*) > 1
    ) AS h ON h.hash = ${hash}
    WHERE ${unlessRefused} GROUP BY s.key HAVING count(*) > 1`;
}

function notStaged({ staged }: KeyOwners): string {
  return `NOT EXISTS (SELECT 1 FROM ${staged.table.sql} AS own WHERE own.profile = f.profile)`;
}

/** Those who were not staged count only if they take part, which the session that has the snapshot knows. */
async function keepRivals(owners: KeyOwners): Promise<void> {
  const { session, accepted } = owners;
  const found = await session.execute(`CREATE TEMPORARY TABLE penstock_rivals AS
    SELECT row_number() OVER () AS number, f.profile, f.key FROM ${accepted.sql} AS f
    JOIN ${KEYS} AS k ON k.key = f.key WHERE ${notStaged(owners)}`);
  for (let after = 0; after < found; after += BATCH) {
    const batch = await session.query<{ profile: string }>(
      `SELECT profile FROM ${RIVALS} WHERE number > $1 AND number <= $1 + ${BATCH}`,
      [after],
    );
    const remaining = await owners.whoTakesPart(batch.map(({ profile }) => profile));
    await session.query(
      `DELETE FROM ${RIVALS} WHERE number > $1 AND number <= $1 + ${BATCH} AND NOT profile = ANY ($2::uuid[])`,
      [after, remaining],
    );
  }
}

function duplicatesQuery({ staged, failed }: KeyOwners): string {
  return `
    SELECT row_number() OVER () AS number, profile, sequence, is_new, other FROM (
      SELECT profile, sequence, is_new,
             CASE WHEN row_number() OVER by_profile = 1 THEN lead(profile) OVER by_profile
                  ELSE first_value(profile) OVER by_profile END AS other
      FROM (
        SELECT s.profile, s._seq AS sequence, s.is_new, s.key FROM ${staged.table.sql} AS s JOIN ${KEYS} AS k ON k.key = s.key
        WHERE ${staged.unlessRefused}
        UNION ALL SELECT profile, NULL, false, key FROM ${RIVALS}
      ) AS owner
      WINDOW by_profile AS (PARTITION BY key ORDER BY profile)
    ) AS placed WHERE other IS NOT NULL AND (sequence IS NOT NULL OR ${failed.unlessFailed('placed.profile')})`;
}
