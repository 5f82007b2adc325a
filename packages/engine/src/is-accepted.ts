import type { SentRecord } from './export-warehouse.js';
import type { ReadyProfile } from './profile-outcome.js';

/**
 * Whether the destination has accepted a record as it is now. A full run sends again what other runs have sent, and not what an earlier attempt
 * of its own has.
 */
export function isAccepted({ profile: { accepted } }: ReadyProfile, record: SentRecord, full: boolean): boolean {
  if (accepted === null || (full && !accepted.byThisRun)) return false;
  return accepted.fingerprint === record.fingerprint && accepted.key === record.key;
}
