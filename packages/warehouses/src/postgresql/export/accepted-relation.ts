import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { existingTables } from './fold-journal.js';
import { latestRecords } from './merge-records.js';

const NO_FINGERPRINTS = `(SELECT NULL::uuid AS profile, NULL::text COLLATE "C" AS key, NULL::text COLLATE "C" AS fingerprint,
  NULL::bigint AS revision, NULL::integer AS version, NULL::text COLLATE "C" AS external_id, NULL::bigint AS run LIMIT 0)`;

/** What a destination has accepted, as something that SQL selects from. */
export interface AcceptedRelation {
  readonly sql: string;
  /** Whether there may be something in it. */
  readonly exists: boolean;
}

/** Where a destination has accepted nothing. */
export const NOTHING_ACCEPTED: AcceptedRelation = { sql: NO_FINGERPRINTS, exists: false };

/** The fingerprints; with `unfolded`, as they will be when the journal is part of them. */
export async function acceptedRelation(
  session: Session,
  tables: WarehouseTables,
  { pipeline, unfolded }: { readonly pipeline: number; readonly unfolded: boolean },
): Promise<AcceptedRelation> {
  const existing = await existingTables(session, tables, pipeline);
  const fingerprints = existing.fingerprints ? tables.fingerprints(pipeline).sql : NO_FINGERPRINTS;
  const exists = existing.fingerprints || (unfolded && existing.accepted);
  if (!unfolded || !existing.accepted) return { sql: fingerprints, exists };
  return { sql: `(${withJournal(fingerprints, tables.accepted(pipeline).sql)})`, exists };
}

/** What was only confirmed keeps all but its revision. */
function withJournal(fingerprints: string, journal: string): string {
  const sent = ['key', 'fingerprint', 'external_id', 'run'].map(
    (name) => `CASE WHEN c.run IS NULL THEN f.${name} ELSE c.${name} END AS ${name}`,
  );
  return `SELECT coalesce(c.profile, f.profile) AS profile, coalesce(c.revision, f.revision) AS revision,
    coalesce(c.version, f.version) AS version, ${sent.join(', ')}
    FROM ${fingerprints} AS f FULL JOIN (${latestRecords(journal)}) AS c ON c.profile = f.profile
    WHERE f.profile IS NOT NULL OR c.run IS NOT NULL`;
}
