import type { RawRow } from '@penstock/engine';
import { describeMysql, type MysqlTest, openMysql } from './open-mysql.js';
import { type SourceHarness, sourceConformance } from './source-conformance.js';

const WRITES = [
  'DELETE FROM guarded RETURNING *',
  'DELETE FROM guarded',
  "UPDATE guarded SET t0 = 'x'",
  "INSERT INTO guarded (id, t0) VALUES (9, 'x') RETURNING *",
  "REPLACE INTO guarded (id, t0) VALUES (1, 'x') RETURNING *",
  'WITH d AS (SELECT 1 AS id) DELETE FROM guarded WHERE id IN (SELECT id FROM d)',
  'TRUNCATE guarded',
  'DROP TABLE guarded',
  'SELECT * FROM guarded; DELETE FROM guarded',
  'SELECT * FROM guarded; COMMIT; DELETE FROM guarded',
  'SELECT 1); DELETE FROM guarded; --',
  'SELECT * FROM guarded FOR UPDATE',
  'CREATE OR REPLACE TABLE guarded AS SELECT 1 AS n',
];

describeMysql('with a server', () => {
  sourceConformance('mysql', async () => harnessOf(await openMysql()));
});

function harnessOf(test: MysqlTest): SourceHarness {
  return {
    source: test.source,
    load: (table, rows) => load(test, table, rows),
    numbers: (count) =>
      `SELECT seq AS n, CONCAT('row ', seq) AS label FROM seq_1_to_${Math.max(count, 1)} WHERE seq <= ${count}`,
    wide: (count, bytes) => `SELECT REPEAT('x', ${bytes}) AS t FROM seq_1_to_${count}`,
    blocked: 'SELECT SLEEP(60) AS n',
    writes: WRITES,
    working: () => test.sessions("COMMAND <> 'Sleep'"),
    heldBack: async () => (await test.sessions("STATE = 'Writing to net'")) > 0,
    endSessions: test.endSessions,
    stop: test.drop,
  };
}

async function load(test: MysqlTest, table: string, rows: readonly RawRow[]): Promise<void> {
  const names = (rows[0] ?? []).map((_, index) => `t${index}`);
  const columns = names.map((name) => `${name} longtext`).join(', ');
  await test.execute(`CREATE TABLE ${table} (id int AUTO_INCREMENT PRIMARY KEY, ${columns})`);
  const insert = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
  for (const row of rows) await test.execute(insert, row.map(textOf));
}

function textOf(field: RawRow[number]): string | null {
  return typeof field === 'string' ? field : null;
}
