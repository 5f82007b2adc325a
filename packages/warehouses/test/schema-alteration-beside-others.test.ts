import type { WarehouseColumn } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlterationBench, alteration, rowsOf, sameNames, textColumns } from './support/alterations.js';
import { OTHER_PIPELINE, PIPELINE, planFor } from './support/people.js';
import {
  createTestDatabase,
  holdLock,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  schemaOf,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';
import type { TestWarehouse } from './support/test-warehouse.js';

const AB = textColumns(['a', 'b']);
const ABC = textColumns(['a', 'b', 'c']);
const CONFLICT = { code: 'WarehouseConflict', retryable: true };

describe('an alteration of the schema of profiles beside others', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;
  let bench: AlterationBench;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
    bench = new AlterationBench(database, underTest);
  });

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  const ab = ['a text', 'b text'];

  describe('while an import stages', () => {
    const changes = [
      ['adds', ABC, sameNames(AB)],
      ['drops', AB.slice(1), { b: 'b' }],
      ['swaps', AB, { a: 'b', b: 'a' }],
    ] as const;
    const imports = [
      ['a first import', OTHER_PIPELINE],
      ['a later import', PIPELINE],
    ] as const;
    it.each(
      changes.flatMap((change) => imports.map(([name, pipeline]) => [change[0], name, { change, pipeline }] as const)),
    )('%s columns; %s publishes nothing and starts again', async (_, __, { change: [, after, kept], pipeline }) => {
      const warehouse = await bench.open(AB);
      const begin = () => warehouse.begin({ ...rowsOf(AB), pipeline });
      const staged = await begin();
      await staged.stage(rowsOf(AB, 'u1', 'u2').rows ?? []);
      expect(await bench.alter(warehouse, alteration(AB, after, kept))).toBe(true);
      await staged.stage(rowsOf(AB, 'u3').rows ?? []);
      await expect(staged.publish(planFor({}))).rejects.toMatchObject({
        ...CONFLICT,
        message: expect.stringContaining('the profile schema was altered during the run'),
      });
      await staged.close();
      if (after !== AB) await expect(begin()).rejects.toMatchObject(CONFLICT);
      expect(await warehouse.identities(after)).toHaveLength(1);
      expect(await warehouse.import({ ...rowsOf(after, 'u1', 'u2'), pipeline })).toMatchObject({
        added: pipeline === PIPELINE ? 1 : 2,
      });
      expect(await underTest.leftovers(warehouse.settings)).toEqual([]);
    });

    it('lets a run that has published settle', async () => {
      const warehouse = await bench.open(AB);
      await warehouse.import({ ...rowsOf(AB, 'u1', 'u2'), run: 7 });
      await bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)));
      const next = await warehouse.begin({ ...rowsOf(AB), run: 7, epoch: 2 });
      expect(next.receipt).toMatchObject({ run: 7, added: 1 });
    });
  });

  it('waits for the publishes that are under way', async () => {
    const warehouse = await bench.open(AB);
    const attempt = await warehouse.begin({ ...rowsOf(AB), run: 5 });
    await attempt.stage(rowsOf(AB, 'u1', 'u2').rows ?? []);
    const held = await holdLock(database, `${schemaOf(warehouse.settings)}.penstock_fences`);
    const published = attempt.publish(planFor({}));
    await held.reached();
    const altered = bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)));
    await waitUntil(() => hasWaitingAlteration(warehouse));
    await held.release();
    expect(await published).toMatchObject({ added: 1 });
    expect(await altered).toBe(true);
    expect(await bench.valuesOf(warehouse, AB)).toEqual({ a: 'a', b: 'b' });
  });

  it('gives up, with nothing changed, when a publish does not end', async () => {
    const warehouse = await bench.open(AB);
    const holder = await database.connect();
    const fences = `${schemaOf(warehouse.settings)}.penstock_fences`;
    await holder.query('SELECT pg_advisory_lock_shared($1::regclass::oid::integer, 0)', [fences]);
    await expect(bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)))).rejects.toMatchObject(CONFLICT);
    await holder.end();
    expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
  });

  it('lets publishes that come later wait, and fail because they staged before', async () => {
    const warehouse = await bench.open(AB);
    const attempt = await warehouse.begin(rowsOf(AB));
    await attempt.stage(rowsOf(AB, 'u2').rows ?? []);
    const reader = await database.connect();
    await reader.query(`BEGIN; SELECT count(*) FROM ${schemaOf(warehouse.settings)}.penstock_profiles`);
    const altered = bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)));
    await waitUntil(() => isTableWaitedFor(warehouse, 'penstock_profiles'));
    const published = attempt.publish(planFor({})).catch((error: unknown) => error);
    await waitUntil(() => hasWaitingPublish(warehouse));
    await reader.end();
    expect(await altered).toBe(true);
    expect(await published).toMatchObject({ ...CONFLICT, message: expect.stringContaining('altered during the run') });
  });

  it('lets readers through between its tries to get between them', async () => {
    const warehouse = await bench.open(AB);
    const reader = await database.connect();
    await reader.query(`BEGIN; SELECT count(*) FROM ${schemaOf(warehouse.settings)}.penstock_identities`);
    const altered = bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)));
    await waitUntil(() => isTableWaitedFor(warehouse, 'penstock_identities'));
    expect(await warehouse.identities(AB)).toHaveLength(1);
    await reader.end();
    expect(await altered).toBe(true);
  });

  it('shows readers the columns of before or of after, or tells them to try again', async () => {
    const warehouse = await bench.open(AB);
    const seen = new Set<string>();
    let isOver = false;
    const read = async (columns: readonly WarehouseColumn[]): Promise<void> => {
      while (!isOver) {
        const shown = await bench
          .valuesOf(warehouse, columns)
          .then(JSON.stringify, (error: { code?: string }) => error.code);
        seen.add(`${columns.length} ${shown}`);
      }
    };
    const readers = [read(AB), read(ABC)];
    for (let round = 0; round < 10; round++) {
      expect(await bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)))).toBe(true);
      expect(await bench.alter(warehouse, alteration(ABC, AB, sameNames(AB)))).toBe(true);
    }
    isOver = true;
    await Promise.all(readers);
    const expected = ['2 {"a":"a","b":"b"}', '3 {"a":"a","b":"b","c":null}', '3 WarehouseConflict'];
    expect([...seen].filter((state) => !expected.includes(state))).toEqual([]);
    expect(seen).toContain(expected[0]);
  });

  it('says that a resolution or another alteration is under way', async () => {
    const warehouse = await bench.open(AB);
    const change = alteration(AB, ABC, sameNames(AB));
    const holder = await database.connect();
    const fences = `${schemaOf(warehouse.settings)}.penstock_fences`;
    await holder.query('SELECT pg_advisory_lock($1::regclass::oid::integer, -3)', [fences]);
    expect(await bench.alter(warehouse, change)).toBe(false);
    expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
    await holder.end();
    await waitUntil(() => bench.alter(warehouse, change));
  });

  it('ends at once when it is aborted, with nothing changed', async () => {
    const warehouse = await bench.open(AB);
    const reader = await database.connect();
    await reader.query(`BEGIN; SELECT count(*) FROM ${schemaOf(warehouse.settings)}.penstock_identities`);
    const controller = new AbortController();
    const change = alteration(AB, ABC, sameNames(AB));
    const altered = bench.alter(warehouse, change, controller.signal);
    await waitUntil(() => isTableWaitedFor(warehouse, 'penstock_identities'));
    controller.abort(new Error('stopped'));
    await expect(altered).rejects.toThrow('stopped');
    await reader.end();
    expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
    await waitUntil(() => bench.alter(warehouse, change));
  });

  const hasWaitingAlteration = (warehouse: TestWarehouse): Promise<boolean> => isWaitedFor(warehouse, 'ExclusiveLock');
  const hasWaitingPublish = (warehouse: TestWarehouse): Promise<boolean> => isWaitedFor(warehouse, 'ShareLock');

  /** Whether somebody waits for the lock of publishes and alterations. */
  async function isWaitedFor(warehouse: TestWarehouse, mode: string): Promise<boolean> {
    const { rowCount } = await database.client.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1::regclass AND objid = 0 AND mode = $2 AND NOT granted`,
      [`${schemaOf(warehouse.settings)}.penstock_fences`, mode],
    );
    return rowCount !== 0;
  }

  async function isTableWaitedFor(warehouse: TestWarehouse, table: string): Promise<boolean> {
    const { rowCount } = await database.client.query(
      "SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND mode = 'AccessExclusiveLock' AND NOT granted",
      [`${schemaOf(warehouse.settings)}.${table}`],
    );
    return rowCount !== 0;
  }
});
