import { quoteIdentifier } from '@penstock/postgresql';
import { unlessDuplicate } from '../publish/unless-duplicate.js';
import { dropOrEmpty, lockAtOnce } from './drop-or-empty.js';
import { createFingerprints } from './fingerprint-rows.js';
import { type Application, addKey, mergeRecords, rewriteFingerprints } from './merge-records.js';

/** Records that take less than this part of the fingerprints' space are few. */
const FEW = 3;

/**
 * Makes records part of the fingerprints, and empties their table; the last one of each profile counts. Part of a transaction. Where
 * they are many, writing all fingerprints anew takes a third of the time and leaves nothing to be cleaned up.
 */
export async function applyRecords(application: Application): Promise<void> {
  const { session, fingerprints, records } = application;
  // Without statistics a single record looks like a thousand, for which all fingerprints would be read.
  await session.query(`ANALYZE ${records.sql}`);
  const [sizes] = await session.query<{ few: boolean }>(
    'SELECT pg_relation_size(to_regclass($1)) * $2 < pg_relation_size(to_regclass($3)) AS few',
    [records.sql, FEW, fingerprints.sql],
  );
  const mustStay = sizes?.few === true || !(await lockAtOnce(session, fingerprints));
  await (mustStay ? mergeRecords(application) : rewriteFingerprints(application));
  await dropOrEmpty(session, records);
  if (!mustStay) await session.query(`ANALYZE ${fingerprints.sql}`);
}

/**
 * Makes a table of records the first table of fingerprints, without writing a row again. Where it has a profile twice, or somebody
 * reads it, the rows are written into a new table. Part of a transaction; the table of records is gone afterwards, or is empty.
 */
export async function becomeFingerprints(application: Application): Promise<void> {
  const { session, fingerprints, records } = application;
  if (!(await lockAtOnce(session, records))) return copyToFingerprints(application);
  if (!(await unlessDuplicate(session, addKey(records, fingerprints)))) return copyToFingerprints(application);
  await session.query(`
    ALTER TABLE ${records.sql} DROP COLUMN _seq, RESET (autovacuum_enabled);
    ALTER TABLE ${records.sql} RENAME TO ${quoteIdentifier(fingerprints.name)};
    ANALYZE ${fingerprints.sql}`);
}

async function copyToFingerprints(application: Application): Promise<void> {
  await createFingerprints(application.session, application.fingerprints);
  await rewriteFingerprints(application);
  await dropOrEmpty(application.session, application.records);
}
