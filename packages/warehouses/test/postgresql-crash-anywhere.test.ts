import type { StagedRow } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresqlPlatform, createWarehousePools } from '../src/index.js';
import { type Cut, createCuttingProxy } from './support/cutting-proxy.js';
import { effectOf, people, person } from './support/people.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';
import { type ImportOptions, TestWarehouse } from './support/test-warehouse.js';

/** More requests than an import makes. */
const ENOUGH = 60;

interface Scenario {
  readonly name: string;
  readonly before: readonly StagedRow[];
  readonly import: ImportOptions;
}

const refusedRow = ['user-9999', '2024-01-01 00:00:00', null, 'too long', null, null] as const;

const SCENARIOS: readonly Scenario[] = [
  { name: 'a first import', before: [], import: { rows: [...people(1, 20), person(1), refusedRow] } },
  {
    name: 'a later import',
    before: people(1, 20),
    import: { rows: [person(1, { orders: 0 }), ...people(2, 15), ...people(30, 35)], keep: ['user-0018'] },
  },
  { name: 'an import with duplicates', before: people(1, 20), import: { rows: [...people(5, 25), person(25)] } },
  { name: 'an import without records', before: people(1, 2), import: { rows: [], plan: { removeVanished: false } } },
];

describe('an import whose connection breaks', () => {
  let database: TestDatabase;
  let warehouse: PostgresqlUnderTest;

  beforeAll(async () => {
    database = await createTestDatabase();
    warehouse = postgresqlUnderTest(database);
  });

  afterAll(async () => {
    await warehouse.close();
    await database.close();
  });

  for (const scenario of SCENARIOS) {
    for (const side of ['before', 'after'] as const) {
      it(`${side} any request of ${scenario.name} ends like an undisturbed one`, async () => {
        const undisturbed = await runOver(scenario);
        let requests = 1;
        while (requests < ENOUGH && (await breaksAt({ request: requests, side }, scenario, undisturbed))) requests++;
        expect(requests).toBeGreaterThan(4);
        expect(requests).toBeLessThan(ENOUGH);
      });
    }
  }

  interface Outcome {
    readonly effect: unknown;
    readonly identities: unknown;
  }

  async function prepared(scenario: Scenario): Promise<TestWarehouse> {
    const direct = await TestWarehouse.create(warehouse.platform, await warehouse.newPlace());
    if (scenario.before.length > 0) await direct.import({ run: 1, rows: scenario.before });
    return direct;
  }

  async function runOver(scenario: Scenario): Promise<Outcome> {
    const direct = await prepared(scenario);
    const receipt = await direct.import({ ...scenario.import, run: 2 });
    return { effect: effectOf(receipt), identities: await direct.identities() };
  }

  /** Returns whether the connection was broken, or the import made fewer requests. */
  async function breaksAt(cut: Cut, scenario: Scenario, undisturbed: Outcome): Promise<boolean> {
    const direct = await prepared(scenario);
    const initially = await direct.identities();
    const proxy = await createCuttingProxy(database.settings.port, cut);
    const pools = createWarehousePools();
    const settings = { ...(direct.settings as object), host: '127.0.0.1', port: proxy.port };
    const disturbed = new TestWarehouse(settings, createPostgresqlPlatform(pools).open(settings));
    const first = await disturbed.import({ ...scenario.import, run: 2, epoch: 1 }).catch((error: unknown) => error);
    await pools.close();
    await proxy.close();

    const next = await direct.begin({ ...scenario.import, run: 2, epoch: 2 });
    const published = next.receipt;
    await next.close();
    expect(await direct.identities()).toEqual(published === null ? initially : undisturbed.identities);
    if (published === null) expect(first).toMatchObject({ code: 'WarehouseUnavailable' });

    const receipt = await direct.import({ ...scenario.import, run: 2, epoch: 3 });
    expect(effectOf(receipt)).toEqual(undisturbed.effect);
    expect(await direct.identities()).toEqual(undisturbed.identities);
    await warehouse.platform.dropLeftovers(direct.settings, () => false);
    expect(await warehouse.leftovers(direct.settings)).toEqual([]);
    return proxy.hasCut();
  }
});
