import type { RawRow } from '@penstock/engine';
import { createConnectionPools, findConnector } from '../src/index.js';
import { type SourceHarness, sourceConformance } from './source-conformance.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

const OURS = "datname = current_database() AND application_name = 'penstock'";

const WRITES = [
  'DELETE FROM guarded RETURNING *',
  "UPDATE guarded SET t0 = 'x' RETURNING *",
  "INSERT INTO guarded (id, t0) VALUES (9, 'x') RETURNING *",
  'WITH d AS (DELETE FROM guarded RETURNING *) SELECT * FROM d',
  'MERGE INTO guarded g USING guarded s ON g.id = s.id WHEN MATCHED THEN DELETE',
  'TRUNCATE guarded',
  'DROP TABLE guarded',
  'SELECT * FROM guarded; DELETE FROM guarded',
  'SELECT * FROM guarded; COMMIT; DELETE FROM guarded',
  'SELECT 1) TO STDOUT; DELETE FROM guarded; --',
  'SELECT * FROM guarded FOR UPDATE',
];

sourceConformance('postgresql', async () => harnessOf(await createTestDatabase()));

function harnessOf(database: TestDatabase): SourceHarness {
  const pools = createConnectionPools();
  const sessions = async (condition: string) =>
    Number((await database.execute(`SELECT count(*) FROM pg_stat_activity WHERE ${OURS} AND ${condition}`))[0]?.count);
  return {
    source: findConnector('postgresql').openSource(database.settings, pools),
    load: (table, rows) => load(database, table, rows),
    numbers: (count) => `SELECT n::int, 'row ' || n AS label FROM generate_series(1, ${count}) n ORDER BY n`,
    wide: (count, bytes) => `SELECT repeat('x', ${bytes}) AS t FROM generate_series(1, ${count})`,
    blocked: 'SELECT 1 AS n FROM pg_sleep(60)',
    writes: WRITES,
    working: () => sessions("state <> 'idle'"),
    heldBack: async () => (await sessions("wait_event = 'ClientWrite'")) > 0,
    endSessions: async () => {
      await database.execute(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${OURS}`);
    },
    stop: async () => {
      await pools.close();
      await database.drop();
    },
  };
}

async function load(database: TestDatabase, table: string, rows: readonly RawRow[]): Promise<void> {
  const names = (rows[0] ?? []).map((_, index) => `t${index}`);
  await database.execute(
    `CREATE TABLE ${table} (id int GENERATED ALWAYS AS IDENTITY, ${names.map((n) => `${n} text`).join(', ')})`,
  );
  const places = names.map((_, index) => `$${index + 1}`).join(', ');
  for (const row of rows) await database.execute(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, row);
}
