import { EventEmitter, once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresqlPlatform, createWarehousePools } from '../src/index.js';
import { Session } from '../src/postgresql/session.js';
import { OTHER_PIPELINE, PIPELINE, people, person, planFor, WORKSPACE } from './support/people.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  schemaOf,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';
import { type ImportOptions, TestWarehouse } from './support/test-warehouse.js';

const IMPATIENT = { lockMs: 200, turnMs: 200, idleInTransactionMs: 30_000 };

describe('sessions of a PostgreSQL warehouse', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
  });

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  const open = async (): Promise<TestWarehouse> => TestWarehouse.create(underTest.platform, await underTest.newPlace());

  /** A warehouse with sessions of its own. */
  async function openApart(timeouts = IMPATIENT): Promise<TestWarehouse & { close: () => Promise<void> }> {
    const pools = createWarehousePools();
    const warehouse = await TestWarehouse.create(createPostgresqlPlatform(pools, timeouts), await underTest.newPlace());
    return Object.assign(warehouse, { close: () => pools.close() });
  }

  interface ServerSession {
    readonly pid: number;
    readonly name: string;
  }

  async function sessions(): Promise<ServerSession[]> {
    const { rows } = await database.client.query(
      `SELECT pid, application_name AS name FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid`,
    );
    return rows;
  }

  /** Tells, each time that it is asked, the sessions that have begun since: those of earlier tests may still be ending. */
  async function watchSessions(): Promise<() => Promise<ServerSession[]>> {
    const known = new Set((await sessions()).map(({ pid }) => pid));
    return async () => (await sessions()).filter(({ pid }) => !known.has(pid));
  }

  it('last while nothing is said, whatever the server allows', async () => {
    const { settings } = await open();
    const pools = createWarehousePools();
    const warehouse = createPostgresqlPlatform(pools, IMPATIENT).open(settings);
    const { rows } = await database.client.query('SELECT quote_ident(current_database()) AS name');
    await database.client.query(`ALTER DATABASE ${rows[0]?.name} SET idle_session_timeout = '2s'`);
    const attempt = await warehouse.beginExport(
      { workspace: WORKSPACE, pipeline: PIPELINE, run: 1, epoch: 1, version: 1, destination: '' },
      new AbortController().signal,
    );
    await database.client.query(`ALTER DATABASE ${rows[0]?.name} RESET idle_session_timeout`);
    await waitUntil(async () => {
      const { rowCount } = await database.client.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'penstock 1:1%' AND datname = current_database()
         AND state = 'idle' AND clock_timestamp() - state_change > interval '3s'`,
      );
      return rowCount === 1;
    });
    await attempt.requireOwnership();
    await attempt.close();
    await pools.close();
  });

  it('answer nothing any more once they are closed: the connection may be another run’s', async () => {
    const pool = new pg.Pool({ ...database.settings, user: database.settings.username, max: 1 });
    const session = new Session(await pool.connect());
    const gate = new EventEmitter();
    const undone = session.transaction(async () => {
      await once(gate, 'closed');
      throw new Error('too late');
    });
    await session.query('SELECT 1');
    await session.closeTransaction();
    const next = await pool.connect();
    await next.query('BEGIN; CREATE TEMPORARY TABLE own (id int)');
    gate.emit('closed');
    await expect(undone).rejects.toThrow('too late');
    await expect(session.query('SELECT 1')).rejects.toThrow('closed');
    // Nobody has rolled back what is another's.
    expect((await next.query('SELECT FROM own')).rowCount).toBe(0);
    next.release();
    await pool.end();
  });

  it('are used again by the next run, as good as new', async () => {
    const own = await watchSessions();
    const warehouse = await openApart();
    await warehouse.import({ rows: people(1, 3) });
    const before = await own();
    expect(before).toHaveLength(1);
    const idle = { rows: [], plan: { removeVanished: false } };
    for (let run = 0; run < 5; run++) await warehouse.import(idle);
    const after = await own();
    expect(after).toEqual(before);
    expect(after.filter(({ name }) => name !== 'penstock')).toEqual([]);
    const { rowCount } = await database.client.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = ANY($1)",
      [after.map(({ pid }) => pid)],
    );
    expect(rowCount).toBe(0);
    await warehouse.close();
  });

  it('carry the name of their attempt while it lasts', async () => {
    const warehouse = await open();
    const attempt = await warehouse.begin({ run: 4711, epoch: 3 });
    expect((await sessions()).map(({ name }) => name)).toContain('penstock 4711:3');
    await attempt.close();
    expect((await sessions()).map(({ name }) => name)).not.toContain('penstock 4711:3');
  });

  it('are not used again after an error or an abort', async () => {
    const warehouse = await openApart();
    const controller = new AbortController();
    const aborted = await warehouse.begin({ run: 1, signal: controller.signal });
    const [first] = await sessionsOf('penstock 1:1');
    controller.abort();
    await aborted.close();
    const failing = await warehouse.begin({ run: 2 });
    const [second] = await sessionsOf('penstock 2:1');
    await failing.stage(people(1, 40_000));
    await underTest.loseStaged(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 1 });
    await database.client.query(`DROP TABLE ${schemaOf(warehouse.settings)}.penstock_stage_${PIPELINE}_2_1`);
    await expect(failing.publish(planFor({}))).rejects.toMatchObject({ code: 'WarehouseRefused' });
    await failing.close();
    await (await warehouse.begin({ run: 3 })).close();
    // The server lists a session until its process has ended.
    await waitUntil(async () => !(await sessions()).some(({ pid }) => pid === first || pid === second));
    await warehouse.close();
  });

  async function sessionsOf(name: string): Promise<number[]> {
    return (await sessions()).filter((session) => session.name === name).map(({ pid }) => pid);
  }

  it('are bounded, and whoever gets none is told to try again', async () => {
    const pools = createWarehousePools({ sessionsPerWarehouse: 1, connectTimeoutMs: 2_000 });
    const settings = await underTest.newPlace();
    const warehouse = await TestWarehouse.create(createPostgresqlPlatform(pools), settings);
    const attempt = await warehouse.begin();
    await expect(warehouse.identities()).rejects.toMatchObject({ code: 'WarehouseUnavailable' });
    const controller = new AbortController();
    const waiting = warehouse.begin({ pipeline: 5, signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    await attempt.close();
    expect(await warehouse.identities()).toEqual([]);
    await pools.close();
  });

  it('end with the registry, also those in use', async () => {
    const warehouse = await openApart();
    const attempt = await warehouse.begin({ run: 99 });
    await warehouse.close();
    await warehouse.close();
    await expect(attempt.publish(planFor({}))).rejects.toThrow();
    await expect(warehouse.begin()).rejects.toThrow('closed');
  });

  it('of another workspace with the same numbers in the same database are left alone', async () => {
    const [one, other] = [await open(), await open()];
    const attempt = await one.begin({ run: 1, epoch: 1 });
    await attempt.stage(people(1, 2));
    await other.import({ run: 1, epoch: 2, rows: people(1, 1) });
    expect((await attempt.publish(planFor({}))).added).toBe(2);
  });

  it('say that a warehouse without tables was not initialised', async () => {
    const settings = await underTest.newPlace();
    const warehouse = new TestWarehouse(settings, underTest.platform.open(settings));
    await expect(warehouse.begin()).rejects.toMatchObject({
      code: 'WarehouseRefused',
      message: expect.stringContaining('not been initialised'),
    });
  });

  describe('that publish', () => {
    /** Takes advisory locks of the warehouse with another session, and returns how to give them back. */
    async function hold(warehouse: TestWarehouse, ...locks: number[]): Promise<() => Promise<void>> {
      const holder = await database.connect();
      for (const lock of locks) {
        await holder.query('SELECT pg_advisory_lock($1::regclass::oid::integer, $2)', [
          `${schemaOf(warehouse.settings)}.penstock_fences`,
          lock,
        ]);
      }
      return () => holder.end();
    }

    it('are two at a time; a third waits for its turn, but not for ever', async () => {
      const warehouse = await openApart();
      const releaseOne = await hold(warehouse, -1);
      for (const pipeline of [PIPELINE, OTHER_PIPELINE]) {
        expect((await warehouse.import({ pipeline, rows: people(1, 1) })).added).toBe(1);
      }
      const releaseOther = await hold(warehouse, -2);
      const third = warehouse.import({ rows: people(1, 2) });
      await expect(third).rejects.toMatchObject({ code: 'WarehouseConflict', retryable: true });
      await Promise.all([releaseOne(), releaseOther()]);
      expect((await warehouse.import({ rows: people(1, 3) })).added).toBe(2);
      await warehouse.close();
    });

    it('go on when a turn becomes free', async () => {
      const warehouse = await openApart({ ...IMPATIENT, turnMs: 20_000 });
      const release = await hold(warehouse, -1, -2);
      const third = warehouse.import({ rows: people(1, 2) });
      const waiters = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await waitUntil(async () => (await database.client.query(waiters)).rowCount !== 0);
      await release();
      expect((await third).added).toBe(2);
      await warehouse.close();
    });

    it('wait for an alteration of the schema, but not for ever', async () => {
      const warehouse = await openApart();
      const release = await hold(warehouse, 0);
      await expect(warehouse.import({ rows: people(1, 2) })).rejects.toMatchObject({ code: 'WarehouseConflict' });
      await release();
      expect((await warehouse.import({ rows: people(1, 2) })).added).toBe(2);
      await warehouse.close();
    });

    it('look few rows up by the index, and read a large table only for many', async () => {
      const settings = await underTest.newPlace();
      const table = `${settings.schema}.penstock_identities_${PIPELINE}`;
      const scans = async (): Promise<number> => {
        const { rows } = await database.client.query<{ scans: string }>(
          'SELECT seq_scan AS scans FROM pg_stat_all_tables WHERE relid = $1::regclass',
          [table],
        );
        return Number(rows[0]?.scans);
      };
      const plan = { removeVanished: false };
      await importAndEnd(settings, { run: 1, rows: people(1, 30_000) });
      const before = await scans();
      await importAndEnd(settings, { run: 2, rows: [person(3, { orders: 0 }), person(40_000)], plan });
      expect(await scans()).toBe(before);
      await importAndEnd(settings, { run: 3, rows: people(1, 30_000), plan });
      expect(await scans()).toBeGreaterThan(before);
    });

    /** Sessions report what they read at the latest when they end. */
    async function importAndEnd(settings: unknown, options: ImportOptions): Promise<void> {
      const own = await watchSessions();
      const pools = createWarehousePools();
      await (await TestWarehouse.create(createPostgresqlPlatform(pools), settings)).import(options);
      expect(await own()).toHaveLength(1);
      await pools.close();
      await waitUntil(async () => (await own()).length === 0);
    }
  });
});
