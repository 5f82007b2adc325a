import type { Value } from '@penstock/language';
import { copyStream, RowEncoder, TEXT } from '@penstock/postgresql';
import type { Session } from '../session.js';
import { storedText } from './stored-text.js';

/** Users, those by value and all, in tables that only their session sees. */
const USERS = 'pg_temp.penstock_users';
export const MATCHES = 'pg_temp.penstock_matches';
export const LISTED = 'pg_temp.penstock_listed';
const CHUNK_ROWS = 16_384;

export interface StagedUser {
  readonly externalId: string;
  /** null: the user is there, and has no value. */
  readonly matching: string | null;
}

/** The users of an application that profiles are matched with. */
export class StagedUsers {
  readonly #session: Session;
  readonly #encoder = new RowEncoder([
    { path: 'matching value', encode: TEXT.encode },
    { path: 'identifier', encode: TEXT.encode },
  ]);
  #isCreated = false;
  #sequence = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  async stage(users: readonly StagedUser[]): Promise<void> {
    const row: Value[] = [];
    for (const { externalId, matching } of users) {
      // No profile has a value with NUL.
      row[0] = matching?.includes('\0') ? null : matching;
      row[1] = storedText(externalId);
      this.#encoder.add(row, this.#sequence++);
      if (this.#encoder.rows >= CHUNK_ROWS) await this.#send();
    }
  }

  /** Groups the users by value, their identifiers in order; to be done before the snapshot is taken, which allows no table to be made. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#session.query(`
      CREATE TEMPORARY TABLE penstock_matches AS
        SELECT value, array_agg(DISTINCT external_id ORDER BY external_id) AS ids FROM ${USERS} WHERE value IS NOT NULL GROUP BY value;
      CREATE TEMPORARY TABLE penstock_listed AS SELECT DISTINCT external_id FROM ${USERS};
      DROP TABLE ${USERS};
      ANALYZE ${MATCHES}, ${LISTED}`);
  }

  async #send(): Promise<void> {
    if (!this.#isCreated) {
      await this.#session.query(
        'CREATE TEMPORARY TABLE penstock_users (value text COLLATE "C", external_id text COLLATE "C", _seq bigint)',
      );
      this.#isCreated = true;
    }
    const { bytes, buffer } = this.#encoder.take();
    await this.#session.copyIn(`COPY ${USERS} FROM STDIN (FORMAT binary)`, copyStream(bytes));
    this.#encoder.giveBack(buffer);
  }
}
