import { eventually, type TestDatabase } from '@penstock/shared/testing';
import pg from 'pg';

/** Holds every query on the table `users` of a source, so that a run can be caught while it reads. */
export class SourceGate {
  readonly #source: TestDatabase;
  #client: pg.Client | undefined;

  constructor(source: TestDatabase) {
    this.#source = source;
  }

  async close(): Promise<void> {
    this.#client = new pg.Client({ connectionString: this.#source.url });
    await this.#client.connect();
    await this.#client.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  }

  async open(): Promise<void> {
    await this.#client?.end();
    this.#client = undefined;
  }

  /** Waits until somebody stands before the gate. */
  async reached(): Promise<void> {
    await eventually('a run waits for the source', async () => {
      const [row] = await this.#source.query<{ waiting: boolean }>(
        `SELECT count(*) > 0 AS waiting FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return row?.waiting;
    });
  }
}
