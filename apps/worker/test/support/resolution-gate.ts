import { eventually, type TestDatabase } from '@penstock/shared/testing';
import pg from 'pg';

const KEY = 4242;

/** Holds resolutions in the middle of their transaction, for as long as it is closed. */
export class ResolutionGate {
  readonly #warehouse: TestDatabase;
  #client: pg.Client | undefined;

  private constructor(warehouse: TestDatabase) {
    this.#warehouse = warehouse;
  }

  static async at(warehouse: TestDatabase): Promise<ResolutionGate> {
    await warehouse.query(`
      CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${KEY} AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        LOOP PERFORM pg_sleep(0.02); END LOOP;
        RETURN NULL;
      END $$;
      CREATE TRIGGER gate BEFORE INSERT ON penstock_profiles FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate()`);
    return new ResolutionGate(warehouse);
  }

  async close(): Promise<void> {
    this.#client = new pg.Client({ connectionString: this.#warehouse.url });
    await this.#client.connect();
    await this.#client.query('SELECT pg_advisory_lock($1)', [KEY]);
  }

  async open(): Promise<void> {
    await this.#client?.end();
    this.#client = undefined;
  }

  /** Waits until a resolution stands before the gate, and returns its session. */
  reached(): Promise<number> {
    return eventually('a resolution waits at the gate', async () => {
      const [row] = await this.#warehouse.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
      );
      return row?.pid;
    });
  }

  /** Waits until a session that stood before the gate is gone. */
  async left(session: number): Promise<void> {
    await eventually('the session of the resolution has ended', async () => {
      const sessions = await this.#warehouse.query('SELECT FROM pg_stat_activity WHERE pid = $1', [session]);
      return sessions.length === 0;
    });
  }
}
