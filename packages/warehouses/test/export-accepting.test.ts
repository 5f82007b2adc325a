import { FenceLostError } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  changesUnder,
  collect,
  type ExportWarehouse,
  exportPlan,
  QUERY,
  recordOf,
} from './support/export-warehouse.js';
import { openExports } from './support/open-exports.js';
import { PIPELINE } from './support/people.js';
import { profile, profileId, profiles, type TestProfile } from './support/profiles.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';

describe('what an export notes as accepted', () => {
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

  const open = () => openExports(database, underTest);

  const records = (rows: readonly TestProfile[]) => rows.map((row) => recordOf(row));

  async function openWith(rows: readonly TestProfile[]): Promise<ExportWarehouse> {
    const warehouse = await open();
    await warehouse.profiles.put(rows);
    return warehouse;
  }

  /** Numbers of the profiles that a run under version 1 would get. */
  async function changed(warehouse: ExportWarehouse): Promise<number[]> {
    return (await warehouse.delivered(changesUnder(1))).map(({ id }) => Number(id.slice(-12)));
  }

  const kill = (warehouse: ExportWarehouse, run: number, epoch: number) =>
    underTest.killSessions(warehouse.settings, { pipeline: PIPELINE, run, epoch });

  const tables = async (warehouse: ExportWarehouse): Promise<string[]> => {
    const { rows } = await database.client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'
       AND relname ~ '^penstock_(fingerprints|accepted|sent)_' ORDER BY relname`,
      [warehouse.settings.schema],
    );
    return rows.map(({ name }) => name);
  };

  const states = async (warehouse: ExportWarehouse): Promise<unknown[]> => {
    const { rows } = await database.client.query(
      `SELECT value FROM ${warehouse.settings.schema}.penstock_state WHERE name LIKE 'export %'`,
    );
    return rows;
  };

  /** Where the fingerprint of each profile is kept, and since which transaction. */
  async function places(warehouse: ExportWarehouse): Promise<Map<string, string>> {
    const { rows } = await database.client.query<{ profile: string; place: string }>(
      `SELECT profile, tableoid || ' ' || ctid || ' ' || xmin AS place
       FROM ${warehouse.settings.schema}.penstock_fingerprints_${PIPELINE}`,
    );
    return new Map(rows.map(({ profile: id, place }) => [id, place]));
  }

  /** Makes whoever creates the table of all fingerprints wait, until the result is called. */
  async function holdRewriting(): Promise<() => Promise<void>> {
    await database.client.query(`
      SELECT pg_advisory_lock(77);
      CREATE FUNCTION public.wait_for_test() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN IF current_query() LIKE '%_next"%' THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; END $$;
      CREATE EVENT TRIGGER hold_rewriting ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION public.wait_for_test()`);
    return async () => {
      await database.client.query(
        'DROP EVENT TRIGGER hold_rewriting; DROP FUNCTION public.wait_for_test(); SELECT pg_advisory_unlock(77)',
      );
    };
  }

  async function untilLocks(condition: string): Promise<void> {
    const locks = `SELECT 1 FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND ${condition}`;
    await waitUntil(async () => (await database.client.query(locks)).rowCount !== 0);
  }

  describe('by staging', () => {
    it('is nothing before the publish, and all that was not refused afterwards', async () => {
      const warehouse = await openWith(profiles(1, 4));
      const attempt = await warehouse.begin();
      await attempt.stage(records(profiles(1, 2)), 0);
      await attempt.stage(records(profiles(3, 4)), 2);
      expect(await attempt.refuse([3, 1])).toEqual([profileId(4), profileId(2)]);
      expect(await attempt.refuse([3])).toEqual([profileId(4)]);
      expect(await changed(warehouse)).toEqual([1, 2, 3, 4]);
      expect(await attempt.publish(exportPlan(2))).toMatchObject({ added: 2, changed: 0, unchanged: 0, epoch: 1 });
      expect(await changed(warehouse)).toEqual([2, 4]);
    });

    it.each([
      { known: 4, how: 'all are written anew' },
      { known: 3_000, how: 'only those are written that are touched' },
    ])('is merged into what was accepted before; of $known $how', async ({ known }) => {
      const warehouse = await openWith(profiles(1, known + 1));
      await warehouse.stageAll(profiles(1, known));
      const before = await places(warehouse);
      const newer = [1, 2].map((number) => profile(number, { revision: 2, values: [`new${number}`, number, null] }));
      await warehouse.profiles.put(newer);
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.stage([...newer.map((row) => recordOf(row, { isNew: false })), recordOf(profile(known + 1))], 10);
      await attempt.refuse([11]);
      await attempt.confirm([recordOf(profile(3, { revision: 8 }))]);
      const receipt = await attempt.publish(exportPlan(known));
      expect(receipt).toMatchObject({ added: 1, changed: 1, unchanged: known - 2, removed: 0 });
      expect(await changed(warehouse)).toEqual([2, 3]);
      const accepted = (await warehouse.delivered(QUERY)).map((row) => row.accepted?.key);
      expect(accepted.slice(0, 4)).toEqual(['new1', ...[2, 3, 4].map((number) => `${number}@example.com`)]);
      expect(accepted[known]).toBe(`${known + 1}@example.com`);
      const after = await places(warehouse);
      expect(after.get(profileId(4)) === before.get(profileId(4))).toBe(known > 4);
    });

    it('is not believed any more of those who failed: the next run gets them, with the keys that they have', async () => {
      const warehouse = await openWith(profiles(1, 4));
      await warehouse.stageAll(profiles(1, 4));
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.stage(
        profiles(1, 2).map((row) => recordOf(row, { isNew: false })),
        0,
      );
      await attempt.refuse([1]);
      await attempt.noteFailed([profileId(3)]);
      expect(await attempt.publish(exportPlan(2))).toMatchObject({ changed: 1, unchanged: 1 });
      const delivered = await warehouse.delivered(changesUnder(1));
      expect(delivered.map(({ id, accepted }) => [id, accepted?.key, accepted?.fingerprint])).toEqual([
        [profileId(2), '2@example.com', ''],
        [profileId(3), '3@example.com', ''],
      ]);
    });

    it('leaves nothing behind, whether it is published or not', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const given = await warehouse.begin({ run: 1 });
      await given.stage(records(profiles(1, 2)), 0);
      await given.refuse([0]);
      expect(await tables(warehouse)).toEqual([`penstock_sent_${PIPELINE}_1_1`]);
      await given.close();
      expect(await tables(warehouse)).toEqual([]);
      await warehouse.stageAll(profiles(1, 2), { run: 2 });
      expect(await tables(warehouse)).toEqual([`penstock_fingerprints_${PIPELINE}`]);
    });

    it('of an attempt that died is dropped by the janitor', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const dead = await warehouse.begin({ run: 1 });
      await dead.stage(records(profiles(1, 2)), 0);
      await dead.refuse([0]);
      const platform = underTest.platform;
      expect(await platform.dropLeftovers(warehouse.settings, () => true)).toBe(0);
      expect(await platform.dropLeftovers(warehouse.settings, () => false)).toBe(1);
      expect(await tables(warehouse)).toEqual([]);
    });

    it('counts what the engine says was new, and the rest of what was sent as changed', async () => {
      const warehouse = await openWith(profiles(1, 3));
      const attempt = await warehouse.begin();
      await attempt.stage(records(profiles(1, 3)), 0);
      expect(await attempt.publish(exportPlan(3, { added: 1 }))).toMatchObject({ added: 1, changed: 2, unchanged: 0 });
    });

    it('publishes a run that sent nothing', async () => {
      const warehouse = await openWith([]);
      const attempt = await warehouse.begin();
      const report = { notice: 'nothing to do', failures: [] };
      expect(await attempt.publish(exportPlan(0, { report }))).toMatchObject({ added: 0, unchanged: 0, report });
      expect((await warehouse.begin({ epoch: 2 })).receipt).toMatchObject({ run: 1, epoch: 1, report });
    });

    it('holds as many records as come', async () => {
      const many = profiles(1, 40_000);
      const warehouse = await openWith(many);
      const attempt = await warehouse.begin();
      for (let from = 0; from < many.length; from += 500)
        await attempt.stage(records(many.slice(from, from + 500)), from);
      expect(await attempt.refuse([39_999, 0])).toEqual([profileId(40_000), profileId(1)]);
      expect(await attempt.publish(exportPlan(39_998))).toMatchObject({ added: 39_998 });
      expect(await changed(warehouse)).toEqual([1, 40_000]);
    });
  });

  describe('at once', () => {
    it('outlives the attempt: the next one goes on, and counts what both have sent', async () => {
      const warehouse = await openWith(profiles(1, 4));
      const first = await warehouse.begin({ epoch: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'x1' })]);
      await first.accept([recordOf(profile(2), { externalId: 'x2', isNew: false })]);
      expect(await kill(warehouse, 1, 1)).toBeGreaterThan(0);
      await expect(first.accept([recordOf(profile(3))])).rejects.toMatchObject({ code: 'WarehouseUnavailable' });
      const second = await warehouse.begin({ epoch: 2 });
      const read = await collect((await second.read(QUERY)).batches());
      const accepted = new Map(read.map((row) => [row.id, row.accepted]));
      expect(accepted.get(profileId(1))).toMatchObject({ externalId: 'x1', byThisRun: true });
      expect(accepted.get(profileId(3))).toBeNull();
      await second.accept([recordOf(profile(3), { externalId: 'x3' })]);
      expect(await second.publish(exportPlan(4))).toMatchObject({ added: 2, changed: 1, unchanged: 1, epoch: 2 });
      expect(await changed(warehouse)).toEqual([4]);
    });

    it('still counts as new what a later attempt of the run has sent again', async () => {
      const warehouse = await openWith([profile(1)]);
      await (await warehouse.begin({ epoch: 1 })).accept([recordOf(profile(1))]);
      const second = await warehouse.begin({ epoch: 2 });
      await second.accept([recordOf(profile(1, { revision: 2 }), { isNew: false })]);
      expect(await second.publish(exportPlan(1))).toMatchObject({ added: 1, changed: 0, unchanged: 0 });
    });

    it('is folded once, however often it is begun, and the last word about a profile counts', async () => {
      const warehouse = await openWith([profile(1), profile(2)]);
      const first = await warehouse.begin({ epoch: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'old' }), recordOf(profile(2))]);
      await first.accept([recordOf(profile(1), { externalId: 'new' })]);
      for (const epoch of [2, 3, 4]) await (await warehouse.begin({ epoch })).close();
      expect((await warehouse.delivered(QUERY)).map((row) => row.accepted?.externalId)).toEqual(['new', null]);
      expect(await tables(warehouse)).toEqual([`penstock_fingerprints_${PIPELINE}`]);
      const last = await warehouse.begin({ epoch: 5 });
      expect(await last.publish(exportPlan(2))).toMatchObject({ added: 2, changed: 0 });
    });

    it('is committed for each of many callers at the same time', async () => {
      const many = profiles(1, 300);
      const warehouse = await openWith(many);
      const attempt = await warehouse.begin();
      await Promise.all(many.map((row) => attempt.accept([recordOf(row)])));
      await kill(warehouse, 1, 1);
      expect(await changed(warehouse)).toEqual([]);
    });

    it('is not accepted from an attempt that was overtaken, whose publish is refused as well', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const old = await warehouse.begin({ epoch: 1 });
      await old.accept([recordOf(profile(1))]);
      await old.requireOwnership();
      await underTest.passFence(warehouse.settings, { pipeline: PIPELINE, run: 1, epoch: 2 });
      await expect(old.accept([recordOf(profile(2))])).rejects.toThrow(FenceLostError);
      await expect(old.requireOwnership()).rejects.toThrow(FenceLostError);
      await expect(old.publish(exportPlan(2))).rejects.toThrow(FenceLostError);
      expect(await changed(warehouse)).toEqual([2]);
    });

    it('ends with both sessions when a later attempt begins, whatever they are doing', async () => {
      const long = Array.from({ length: 20_000 }, (_, n) => profile(n, { values: ['x'.repeat(2_000), n, null] }));
      const warehouse = await openWith(long);
      const old = await warehouse.begin({ epoch: 1 });
      const batches = (await old.read(QUERY)).batches();
      const taken = (async () => {
        for await (const _ of batches) await old.requireOwnership();
      })();
      const refused = expect(taken).rejects.toThrow(FenceLostError);
      await (await warehouse.begin({ epoch: 2 })).close();
      await refused;
    });

    it('is refused in a pipeline that was purged, of which nothing is left', async () => {
      const warehouse = await openWith(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2), { run: 1 });
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.accept([recordOf(profile(1))]);
      await underTest.platform.purgePipeline(warehouse.settings, PIPELINE);
      await expect(attempt.accept([recordOf(profile(2))])).rejects.toThrow(FenceLostError);
      expect(await tables(warehouse)).toEqual([]);
      expect(await states(warehouse)).toEqual([]);
      await expect(warehouse.begin({ run: 3 })).rejects.toThrow(FenceLostError);
    });
  });

  describe('by forgetting', () => {
    it('counts what the run has removed, in all its attempts, and nothing of other runs', async () => {
      const warehouse = await openWith(profiles(1, 9));
      await warehouse.stageAll(profiles(1, 9), { run: 1 });
      const first = await warehouse.begin({ run: 2, epoch: 1 });
      await first.forget([profileId(1), profileId(2)], 2);
      await first.forget([profileId(3), profileId(4)], 1);
      await kill(warehouse, 2, 1);
      const second = await warehouse.begin({ run: 2, epoch: 2 });
      await second.forget([profileId(5)], 1);
      await second.forget([profileId(6)], 0);
      expect(await second.publish(exportPlan(0))).toMatchObject({ removed: 4 });
      expect(await changed(warehouse)).toEqual([1, 2, 3, 4, 5, 6]);
      const third = await warehouse.begin({ run: 3 });
      await third.forget([profileId(7)], 1);
      expect(await third.publish(exportPlan(0))).toMatchObject({ removed: 1 });
      expect((await warehouse.stageAll([], { run: 4 })).removed).toBe(0);
    });

    it('is refused from an attempt that was overtaken', async () => {
      const warehouse = await openWith(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2), { run: 1 });
      const old = await warehouse.begin({ run: 2 });
      await underTest.passFence(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 2 });
      await expect(old.forget([profileId(1)], 1)).rejects.toThrow(FenceLostError);
      expect(await changed(warehouse)).toEqual([]);
    });
  });

  describe('at one destination', () => {
    it('is forgotten when an attempt begins that writes to another one, and not before', async () => {
      const warehouse = await openWith(profiles(1, 3));
      await warehouse.stageAll(profiles(1, 3), { run: 1, destination: 'old' });
      await (await warehouse.begin({ run: 2, destination: 'old' })).accept([recordOf(profile(1))]);
      const dry = await warehouse.begin({ isDry: true, destination: 'new' });
      expect(await collect((await dry.read(changesUnder(1))).batches())).toHaveLength(3);
      expect(await dry.countLeft()).toEqual({ left: 0, accepted: 0 });
      expect(await warehouse.delivered(changesUnder(1), { destination: 'old' })).toEqual([]);
      await warehouse.profiles.remove([profileId(3)]);
      const attempt = await warehouse.begin({ run: 3, destination: 'new' });
      const reader = await attempt.read(QUERY);
      expect((await collect(reader.batches())).map(({ accepted }) => accepted)).toEqual([null, null]);
      expect(await collect(attempt.left())).toEqual([]);
      await attempt.stage(records(profiles(1, 2)), 0);
      expect(await collect(attempt.duplicates())).toEqual([]);
      expect(await attempt.publish(exportPlan(2))).toMatchObject({ added: 2, changed: 0, removed: 0 });
      expect(await warehouse.delivered(changesUnder(1), { destination: 'new' })).toEqual([]);
    });

    it('is forgotten though a dry run is reading it', async () => {
      const warehouse = await openWith(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2), { run: 1, destination: 'old' });
      const dry = await warehouse.begin({ isDry: true, destination: 'old' });
      await dry.read(QUERY);
      await warehouse.stageAll(profiles(1, 1), { run: 2, destination: 'new' });
      expect(await dry.countLeft()).toEqual({ left: 0, accepted: 2 });
      expect((await warehouse.delivered(changesUnder(1), { destination: 'new' })).map(({ id }) => id)).toEqual([
        profileId(2),
      ]);
    });

    it('is kept where an earlier version of the product did not note which one it is', async () => {
      const warehouse = await openWith(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2), { run: 1, destination: 'people' });
      await database.client.query(`DROP TABLE ${warehouse.settings.schema}.penstock_state`);
      expect(await warehouse.delivered(changesUnder(1), { destination: 'anything' })).toEqual([]);
      await (await warehouse.begin({ run: 2, destination: 'anything' })).close();
      expect(await warehouse.delivered(changesUnder(1), { destination: 'anything' })).toEqual([]);
      expect(await states(warehouse)).toHaveLength(1);
    });
  });

  describe('by confirming', () => {
    it('moves revision and version, and counts as unchanged', async () => {
      const warehouse = await openWith(profiles(1, 3));
      await warehouse.stageAll(profiles(1, 3), { run: 1 });
      await warehouse.profiles.put([profile(1, { revision: 2 })]);
      expect(await changed(warehouse)).toEqual([1]);
      const attempt = await warehouse.begin({ run: 2, version: 9 });
      await attempt.confirm(records([profile(1, { revision: 2 }), profile(2)]));
      expect(await attempt.publish(exportPlan(3))).toMatchObject({ added: 0, changed: 0, unchanged: 3 });
      expect((await warehouse.delivered(changesUnder(9))).map(({ id }) => id)).toEqual([profileId(3)]);
      expect((await warehouse.delivered(QUERY))[0]?.accepted).toMatchObject({
        key: '1@example.com',
        fingerprint: recordOf(profile(1)).fingerprint,
        byThisRun: false,
      });
    });

    it('does not take from the run what an earlier attempt of it has sent', async () => {
      const warehouse = await openWith([profile(1)]);
      await (await warehouse.begin({ epoch: 1 })).accept([recordOf(profile(1))]);
      const second = await warehouse.begin({ epoch: 2 });
      await second.confirm([recordOf(profile(1, { revision: 2 }))]);
      expect(await second.publish(exportPlan(1))).toMatchObject({ added: 1, changed: 0, unchanged: 0 });
    });

    it('holds as many records as come', async () => {
      const many = profiles(1, 40_000);
      const warehouse = await openWith(many);
      await warehouse.stageAll(many, { run: 1 });
      const attempt = await warehouse.begin({ run: 2, version: 2 });
      for (let from = 0; from < many.length; from += 500) await attempt.confirm(records(many.slice(from, from + 500)));
      expect(await attempt.publish(exportPlan(40_000))).toMatchObject({ unchanged: 40_000 });
      expect(await warehouse.delivered(changesUnder(2))).toEqual([]);
    });
  });

  describe('in a dry run', () => {
    it('counts what attempts have noted, and changes nothing', async () => {
      const warehouse = await openWith(profiles(1, 4));
      await warehouse.stageAll(profiles(1, 2), { run: 1 });
      await warehouse.profiles.put([profile(2, { revision: 2 })]);
      const live = await warehouse.begin({ run: 2 });
      await live.accept([recordOf(profile(3), { externalId: 'x3' })]);
      await live.confirm([recordOf(profile(2, { revision: 2 }))]);
      await live.accept([recordOf(profile(3), { externalId: 'y3' })]);
      const before = await tables(warehouse);
      const dry = await warehouse.begin({ isDry: true, run: 0 });
      const read = await collect((await dry.read(changesUnder(1))).batches());
      expect(read.map(({ id }) => id)).toEqual([profileId(4)]);
      await dry.stage([recordOf(profile(4), { key: '1@example.com' }), recordOf(profile(3), { key: 'other' })], 0);
      expect(await collect(dry.duplicates())).toHaveLength(2);
      await dry.requireOwnership();
      expect(await tables(warehouse)).toEqual(before);
      await live.requireOwnership();
    });

    it('that begins while all is written anew waits for that, and sees it', async () => {
      const warehouse = await openWith(profiles(1, 3));
      await warehouse.stageAll(profiles(1, 3), { run: 1 });
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.stage(
        profiles(1, 3).map((row) => recordOf(row, { isNew: false })),
        0,
      );
      const release = await holdRewriting();
      const published = attempt.publish(exportPlan(3));
      await untilLocks("locktype = 'advisory' AND NOT granted");
      const dry = await warehouse.begin({ isDry: true });
      const delivered = dry.read(changesUnder(1)).then((reader) => collect(reader.batches()));
      await untilLocks(
        `mode = 'AccessShareLock' AND relation = '${warehouse.settings.schema}.penstock_fingerprints_${PIPELINE}'::regclass`,
      );
      await release();
      expect(await published).toMatchObject({ changed: 3 });
      expect(await delivered).toEqual([]);
    });

    it('does not hold up the runs of its pipeline while it reads', async () => {
      const warehouse = await openWith(profiles(1, 4));
      const first = await warehouse.begin({ run: 1 });
      await first.accept(records(profiles(1, 2)));
      const dry = await warehouse.begin({ isDry: true });
      expect(await collect((await dry.read(changesUnder(1))).batches())).toHaveLength(2);
      const second = await warehouse.begin({ run: 2 });
      await second.accept([recordOf(profile(3))]);
      const third = await warehouse.begin({ run: 3 });
      await third.stage(records([profile(4)]), 0);
      expect(await third.publish(exportPlan(4))).toMatchObject({ added: 1, unchanged: 3 });
      expect(await changed(warehouse)).toEqual([]);
      expect(await collect(dry.left())).toEqual([]);
    });
  });
});
