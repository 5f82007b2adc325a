import { quoteIdentifier } from '@penstock/postgresql';
import type { Session } from '../session.js';
import type { TableName, WarehouseTables } from '../warehouse-tables.js';
import { createFingerprints, FINGERPRINT_COLUMNS } from './fingerprint-rows.js';

/** Where records are, and what they become part of. */
export interface Application {
  readonly session: Session;
  readonly records: TableName;
  readonly fingerprints: TableName;
  /** Where all fingerprints are written anew; never there after a transaction. */
  readonly next: TableName;
}

export function applicationOf(
  session: Session,
  tables: WarehouseTables,
  { pipeline, records }: { readonly pipeline: number; readonly records: TableName },
): Application {
  const fingerprints = tables.fingerprints(pipeline);
  return { session, records, fingerprints, next: tables.found(`${fingerprints.name}_next`) };
}

/** The last record of each profile; what was accepted counts before what was confirmed. */
export function latestRecords(records: string): string {
  return `SELECT DISTINCT ON (profile) * FROM ${records} ORDER BY profile, run IS NULL, _seq DESC`;
}

/** In what follows `c` is a record and `f` a fingerprint. What an earlier attempt of the same run has created is still new to the destination. */
const STILL_NEW = 'c.is_new OR coalesce(f.is_new AND f.run = c.run, false)';
/** What a record that was only confirmed leaves as it is. */
const SENT_COLUMNS = ['key', 'fingerprint', 'external_id', 'run'];

/** Changes the fingerprints that there are records of, and adds the others. */
export async function mergeRecords({ session, fingerprints, records }: Application): Promise<void> {
  const sent = SENT_COLUMNS.map((name) => `${name} = c.${name}`).join(', ');
  const added = FINGERPRINT_COLUMNS.replace(/\w+/g, 'c.$&');
  await session.query(`
    MERGE INTO ${fingerprints.sql} AS f USING (${latestRecords(records.sql)}) AS c ON f.profile = c.profile
    WHEN MATCHED AND c.run IS NULL THEN UPDATE SET revision = c.revision, version = c.version
    WHEN MATCHED THEN UPDATE SET revision = c.revision, version = c.version, ${sent}, is_new = ${STILL_NEW}
    WHEN NOT MATCHED AND c.run IS NOT NULL THEN INSERT (${FINGERPRINT_COLUMNS}) VALUES (${added})`);
}

/** Writes all fingerprints anew, those that there are no records of as they are. */
export async function rewriteFingerprints({ session, fingerprints, records, next }: Application): Promise<void> {
  const sent = SENT_COLUMNS.map((name) => `CASE WHEN c.run IS NULL THEN f.${name} ELSE c.${name} END`).join(', ');
  await createFingerprints(session, next);
  await session.query(`
    INSERT INTO ${next.sql} (profile, revision, version, ${SENT_COLUMNS.join(', ')}, is_new)
      SELECT coalesce(c.profile, f.profile), coalesce(c.revision, f.revision), coalesce(c.version, f.version), ${sent},
             CASE WHEN c.run IS NULL THEN f.is_new ELSE ${STILL_NEW} END
      FROM ${fingerprints.sql} AS f FULL JOIN (${latestRecords(records.sql)}) AS c ON c.profile = f.profile
      WHERE f.profile IS NOT NULL OR c.run IS NOT NULL;
    DROP TABLE ${fingerprints.sql}`);
  await session.query(addKey(next, fingerprints));
  await session.query(`ALTER TABLE ${next.sql} RENAME TO ${quoteIdentifier(fingerprints.name)}`);
}

/** The statement that gives a table the primary key of the fingerprints. */
export function addKey(table: TableName, fingerprints: TableName): string {
  return `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quoteIdentifier(`${fingerprints.name}_pkey`)} PRIMARY KEY (profile)`;
}
