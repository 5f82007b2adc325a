import { PERSISTENCE_SQL, type Persistence } from './create-staging-table.js';
import type { Session } from './session.js';
import type { TableName } from './warehouse-tables.js';

/** Held back until there are so many, or until publish needs them. */
const BATCH = 10_000;

/** User ids whose existing identities must not be taken for vanished. Kept aside in a table of their own. */
export class KeptIds {
  /** Whether there is a table, or may be one after a failure. */
  isCreated = false;
  readonly #session: Session;
  readonly #table: TableName;
  readonly #persistence: Persistence;
  #waiting: string[] = [];

  constructor(session: Session, table: TableName, persistence: Persistence = 'unlogged') {
    this.#persistence = persistence;
    this.#session = session;
    this.#table = table;
  }

  /** Remembers ids; returns whether it is time to {@link flush}. */
  add(userIds: readonly string[]): boolean {
    // An id with a NUL character cannot be that of an existing identity.
    for (const userId of userIds) if (!userId.includes('\0')) this.#waiting.push(userId);
    return this.#waiting.length >= BATCH;
  }

  /** Writes what is held back. The session must be free. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    if (!this.isCreated) await this.#create();
    const ids = this.#waiting;
    this.#waiting = [];
    await this.#session.query(`INSERT INTO ${this.#table.sql} SELECT unnest($1::text[])`, [ids]);
  }

  async #create(): Promise<void> {
    this.isCreated = true;
    await this.#session.query(
      `CREATE ${PERSISTENCE_SQL[this.#persistence]} TABLE ${this.#table.sql} (_user_id text COLLATE "C" NOT NULL) WITH (autovacuum_enabled = off)`,
    );
  }
}
