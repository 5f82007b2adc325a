import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import type { Turns } from './turns.js';

/** Ids of profiles, which only this session has to see. */
const FAILED = 'pg_temp.penstock_failed';
/** A revision that no profile has. */
const NEVER = -1;

/** The profiles that failed, of those that the destination has accepted something of. */
export class FailedProfiles {
  readonly #session: Session;
  readonly #turns: Turns;
  #isCreated = false;

  constructor(session: Session, turns: Turns) {
    this.#session = session;
    this.#turns = turns;
  }

  async note(profiles: readonly string[]): Promise<void> {
    if (profiles.length === 0) return;
    await this.#turns.take(async () => {
      if (!this.#isCreated) {
        await this.#session.query('CREATE TEMPORARY TABLE IF NOT EXISTS penstock_failed (profile uuid PRIMARY KEY)');
        this.#isCreated = true;
      }
      await this.#session.query(`INSERT INTO ${FAILED} SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING`, [profiles]);
    });
  }

  /** What they are known to be at the destination is forgotten, but for their keys: the next run sends them again. Part of a transaction. */
  async distrust(fingerprints: TableName): Promise<void> {
    if (!this.#isCreated) return;
    await this.#session.query(
      `UPDATE ${fingerprints.sql} AS f SET fingerprint = '', revision = ${NEVER} FROM ${FAILED} AS x WHERE x.profile = f.profile`,
    );
  }

  /** Condition that a profile, as SQL, is not one of them. */
  unlessFailed(profile: string): string {
    return this.#isCreated ? `NOT EXISTS (SELECT 1 FROM ${FAILED} AS x WHERE x.profile = ${profile})` : 'true';
  }
}
