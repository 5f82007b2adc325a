import { type TestDatabase, waitUntil } from './test-database.js';

const RESOLUTIONS = `FROM pg_stat_activity WHERE application_name = 'penstock resolution' AND datname = current_database()`;

export interface HeldResolution {
  /** Resolves when a resolution waits for the lock. */
  readonly reached: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Locks a table against what a resolution wants of it at some point: in SHARE mode it can read it, but not write. */
export async function holdResolution(database: TestDatabase, table: string, mode: string): Promise<HeldResolution> {
  const holder = await database.connect();
  await holder.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
  const waiters = `SELECT 1 ${RESOLUTIONS} AND wait_event_type = 'Lock'`;
  return {
    reached: () => waitUntil(async () => (await database.client.query(waiters)).rowCount !== 0),
    release: () => holder.end(),
  };
}

/** Ends the server's side of all resolutions in the database. Returns how many there were. */
export async function killResolutions({ client }: TestDatabase): Promise<number> {
  const { rowCount } = await client.query(`SELECT pg_terminate_backend(pid, 5000) ${RESOLUTIONS}`);
  return rowCount ?? 0;
}
