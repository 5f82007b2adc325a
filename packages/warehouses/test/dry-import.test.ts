import type { RecordFailure } from '@penstock/domain';
import type { DryImport, DryImportCounts, StagedRow } from '@penstock/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPostgresqlPlatform, createWarehousePools } from '../src/index.js';
import { alteration } from './support/alterations.js';
import { COLUMNS, effectOf, PIPELINE, people, person, planFor } from './support/people.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  schemaOf,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';
import { type ImportOptions, TestWarehouse } from './support/test-warehouse.js';

const FULL = { removeVanished: true, compareUpdatedAt: true };
const NONE = { added: 0, changed: 0, unchanged: 0, removed: 0, merged: 0 };
const AT = '2024-01-01 00:00:00';

/** Rows of few ids, so that they meet; some of them are refused. */
const rows = fc.array(
  fc
    .record({
      id: fc.integer({ min: 0, max: 12 }),
      orders: fc.constantFrom(null, 1, 2),
      extra: fc.constantFrom(null, '{"a":1}', '{"a": 2}'),
      day: fc.integer({ min: 1, max: 2 }),
      country: fc.oneof({ arbitrary: fc.constantFrom(null, 'IT'), weight: 9 }, fc.constant('refused')),
    })
    .map(({ id, orders, extra, day, country }): StagedRow => {
      return [`u${id}`, `2024-01-0${day} 00:00:00`, null, country, orders, extra];
    }),
  { maxLength: 16 },
);

const scenario = fc
  .record({
    before: fc.option(rows),
    repeated: fc.integer({ min: 0, max: 16 }),
    rows,
    keep: fc.uniqueArray(fc.integer({ min: 0, max: 12 }).map((id) => `u${id}`)),
    plan: fc.record({ removeVanished: fc.boolean(), compareUpdatedAt: fc.boolean() }),
  })
  .map(({ repeated, ...populations }) => {
    return { ...populations, rows: [...(populations.before ?? []).slice(0, repeated), ...populations.rows] };
  });

describe('a dry import', () => {
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

  async function begin(warehouse: TestWarehouse, options: ImportOptions = {}): Promise<DryImport> {
    const signal = options.signal ?? new AbortController().signal;
    const dry = await warehouse.warehouse.beginDryImport(warehouse.target({ run: 1, ...options }), signal);
    onTestFinished(() => dry.close());
    return dry;
  }

  async function count(warehouse: TestWarehouse, options: ImportOptions, plan = FULL): Promise<DryImportCounts> {
    const dry = await begin(warehouse, options);
    try {
      await dry.stage(options.rows ?? []);
      await dry.keep(options.keep ?? []);
      return await dry.count(plan);
    } finally {
      await dry.close();
    }
  }

  it('counts what the next import reports, and refuses the same records', async () => {
    const seen = { ...NONE };
    await fc.assert(
      fc.asyncProperty(scenario, async ({ before, plan, ...options }) => {
        const warehouse = await open();
        if (before !== null) await warehouse.import({ run: 1, rows: before });
        const existing = (await warehouse.identities()).length;
        const refused: { dry: RecordFailure[]; real: RecordFailure[] } = { dry: [], real: [] };
        const { existing: counted, ...effect } = await count(warehouse, { ...options, refused: refused.dry }, plan);
        const receipt = await warehouse.import({ ...options, run: 2, plan, refused: refused.real });
        expect(effect).toEqual(effectOf(receipt));
        expect(counted).toBe(existing);
        expect(refused.dry).toEqual(refused.real);
        for (const [name, number] of Object.entries(effect)) seen[name as keyof typeof NONE] += number;
      }),
      // So many that chance cannot leave one of the numbers below the bound.
      { numRuns: 240 },
    );
    const { removed, ...others } = seen;
    // It needs identities, a plan that removes, and a source without some of them: about 40 of them, rarely a third of that.
    expect(removed).toBeGreaterThan(5);
    expect(Math.min(...Object.values(others))).toBeGreaterThan(10);
  });

  it('counts large imports, whose rows come in several chunks', async () => {
    const warehouse = await open();
    await warehouse.import({ run: 1, rows: people(1, 30_000) });
    const later = [...people(10_001, 40_000), ...people(39_001, 40_000), person(10_500, { orders: -1 })];
    const expected = { added: 10_000, changed: 1, unchanged: 19_999, removed: 10_000, merged: 1_001 };
    expect(await count(warehouse, { rows: later })).toEqual({ ...expected, existing: 30_000 });
  });

  it('writes nothing, takes no fence, and leaves nothing in the session', async () => {
    const pools = createWarehousePools({ sessionsPerWarehouse: 1 });
    onTestFinished(() => pools.close());
    const place = await underTest.newPlace();
    const warehouse = await TestWarehouse.create(createPostgresqlPlatform(pools), place);
    await warehouse.import({ run: 1, rows: people(1, 20) });
    const before = await contents(place);
    const options = { rows: [...people(5, 30), person(30)], keep: ['user-0001'] };
    const expected = { added: 10, changed: 0, unchanged: 16, removed: 3, merged: 1, existing: 20 };
    for (const _ of [1, 2]) expect(await count(warehouse, options)).toEqual(expected);
    expect(await contents(place)).toEqual(before);
    const { rows } = await database.client.query(
      "SELECT relname FROM pg_class WHERE relname ~ '^penstock_(stage|keep|diff)'",
    );
    expect(rows).toEqual([]);
  });

  /** All tables of a place with their rows. */
  async function contents(settings: unknown): Promise<unknown[]> {
    const { rows: tables } = await database.client.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')
       ORDER BY oid`,
      [schemaOf(settings)],
    );
    const found: unknown[] = [];
    for (const { name } of tables) {
      const { rows } = await database.client.query(`SELECT ctid, xmin, t.* FROM ${name} AS t ORDER BY 1`);
      found.push([name, rows]);
    }
    return found;
  }

  it('goes on beside runs of the pipeline, and does not disturb them', async () => {
    const warehouse = await open();
    await warehouse.import({ run: 1, rows: people(1, 10) });
    const dry = await begin(warehouse, { run: 2 });
    await dry.stage(people(1, 5));
    const attempt = await warehouse.begin({ run: 3 });
    await attempt.stage(people(1, 20));
    expect(await dry.count(FULL)).toEqual({ ...NONE, unchanged: 5, removed: 5, existing: 10 });
    expect(await attempt.publish(planFor({}))).toMatchObject({ added: 10 });
    await dry.stage(people(21, 22));
    expect(await dry.count(FULL)).toEqual({ ...NONE, unchanged: 5, added: 2, removed: 15, existing: 20 });
  });

  it('can be asked again, and for another kind of import', async () => {
    const warehouse = await open();
    await warehouse.import({ run: 1, rows: people(1, 10) });
    const dry = await begin(warehouse);
    await dry.stage([person(1), person(1, { updatedAt: '2025-01-01 00:00:00' }), person(11)]);
    const full = { added: 1, changed: 1, unchanged: 0, removed: 9, merged: 1, existing: 10 };
    const blind = { ...full, changed: 0, unchanged: 1, removed: 0 };
    expect(await dry.count(FULL)).toEqual(full);
    expect(await dry.count({ removeVanished: false, compareUpdatedAt: false })).toEqual(blind);
    expect(await dry.count(FULL)).toEqual(full);
  });

  it('counts in one snapshot, whatever is published meanwhile', async () => {
    const warehouse = await open();
    const size = 3_000;
    const generation = (orders: number) => people(1, size).map((_, index) => person(index + 1, { orders }));
    const dry = await begin(warehouse);
    await dry.stage(generation(0));
    const seen = new Set<string>();
    let isOver = false;
    const counting = (async () => {
      while (!isOver) seen.add(shown(await dry.count(FULL)));
    })();
    await warehouse.import({ rows: generation(1) });
    for (const orders of [0, 1, 0, 1]) await warehouse.import({ rows: generation(orders) });
    await warehouse.import({ rows: [] });
    isOver = true;
    await counting;
    const states = [
      { ...NONE, added: size, existing: 0 },
      { ...NONE, changed: size, existing: size },
      { ...NONE, unchanged: size, existing: size },
    ].map(shown);
    expect([...seen].filter((state) => !states.includes(state))).toEqual([]);
    expect(seen.size).toBeGreaterThan(1);
  });

  it('does not see what is published after it began to count', async () => {
    const warehouse = await open();
    await warehouse.import({ run: 1, rows: people(1, 10) });
    const dry = await begin(warehouse);
    await dry.stage(people(1, 5));
    const partition = `${schemaOf(warehouse.settings)}.penstock_identities_${PIPELINE}`;
    const publisher = await database.connect();
    await publisher.query(`BEGIN; LOCK TABLE ${partition} IN ACCESS EXCLUSIVE MODE; DELETE FROM ${partition}`);
    const counting = dry.count(FULL);
    await waitUntil(async () => {
      const waiting = 'SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND NOT granted';
      return (await database.client.query(waiting, [partition])).rowCount !== 0;
    });
    await publisher.query('COMMIT');
    await publisher.end();
    expect(await counting).toEqual({ ...NONE, unchanged: 5, removed: 5, existing: 10 });
    expect(await dry.count(FULL)).toEqual({ ...NONE, added: 5, existing: 0 });
  });

  function shown({ added, changed, unchanged, removed, existing }: DryImportCounts): string {
    return [added, changed, unchanged, removed, existing].join(' ');
  }

  it('ends when more than a thousand records are refused', async () => {
    const warehouse = await open();
    const bad = Array.from({ length: 1_001 }, (_, n): StagedRow => [`bad-${n}`, AT, null, 'too long', null, null]);
    const refused: RecordFailure[] = [];
    await expect(count(warehouse, { rows: bad, refused })).rejects.toMatchObject({ code: 'TooManyRefusedRecords' });
    expect(refused).toHaveLength(1_000);
  });

  it('starts again when the schema of profiles is altered during it', async () => {
    const warehouse = await open();
    const dry = await begin(warehouse);
    await dry.stage(people(1, 3));
    const [email, ...others] = COLUMNS;
    const kept = Object.fromEntries(others.map(({ path }) => [path, path]));
    const change = alteration(COLUMNS, others, kept);
    expect(await underTest.platform.alterSchema(warehouse.settings, change, new AbortController().signal)).toBe(true);
    expect(email?.path).toBe('email');
    const conflict = { code: 'WarehouseConflict', retryable: true };
    await expect(dry.count(FULL)).rejects.toMatchObject(conflict);
    await expect(begin(warehouse)).rejects.toMatchObject(conflict);
  });

  it('ends at once when it is aborted', async () => {
    const warehouse = await open();
    const controller = new AbortController();
    const dry = await begin(warehouse, { signal: controller.signal });
    await dry.stage(people(1, 20_000));
    controller.abort(new Error('stopped'));
    await expect(dry.stage(people(1, 1))).rejects.toThrow('stopped');
    await expect(dry.count(FULL)).rejects.toThrow('stopped');
    await dry.close();
  });

  it('needs a warehouse', async () => {
    const nowhere = underTest.platform.open(await underTest.newPlace());
    const dry = nowhere.beginDryImport(new TestWarehouse({}, nowhere).target(), new AbortController().signal);
    await expect(dry).rejects.toMatchObject({ code: 'WarehouseRefused' });
  });
});
