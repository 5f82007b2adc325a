import { leafProperties, parseSchema } from '@penstock/language';
import { connectionSettings, createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import {
  createWarehousePlatforms,
  createWarehousePools,
  type ResolutionOutcome,
  type ResolutionRequest,
  type WarehousePlatform,
} from '@penstock/warehouses';
import type { Measure } from './support/report.js';
import { median, timed } from './support/statistics.js';
import { COLUMN_NAMES, createUsers, PROFILE_SCHEMA } from './support/users.js';

const WORKSPACE = 1;
/** Users of a shop, and of a CRM that knows some of them as well. */
const [SHOP, CRM] = [1, 2];
/** This part of all identities is of people that are there already. */
const DUPLICATES = 0.3;
const COLUMNS = leafProperties(parseSchema(PROFILE_SCHEMA)).map(({ path, column, property }) => ({
  path,
  column,
  type: property.type,
}));
const REQUEST: ResolutionRequest = {
  workspace: WORKSPACE,
  columns: COLUMNS,
  identifiers: ['email', 'id'],
  primarySources: { country: CRM },
};

/** A warehouse with the identities of the benchmark. */
interface Population {
  readonly database: TestDatabase;
  readonly resolve: () => Promise<ResolutionOutcome>;
  readonly people: number;
}

type Samples = Record<'distinct' | 'scratch' | 'changed' | 'nothing', number[]>;

/**
 * Resolves `rows` identities, three in ten of them duplicates: from scratch, again after 1% has changed, and when nothing has; as seconds,
 * and beside one count of distinct e-mail addresses over the same table in the same run. Profiles are counted and compared.
 */
export async function benchResolution(rows: number, repetitions: number): Promise<Measure[]> {
  const samples: Samples = { distinct: [], scratch: [], changed: [], nothing: [] };
  for (let repetition = 0; repetition < repetitions; repetition += 1) await measureOnce(rows, samples);
  const label = `${rows / 1_000_000}M identities`;
  const measure = (name: string, key: keyof Samples, most?: number): Measure => {
    const value = median(samples[key]);
    return {
      ...{ name: `${name}, ${label}`, value, unit: 's', samples: samples[key] },
      ...(most !== undefined && { target: `<= ${most} s`, met: value <= most }),
    };
  };
  return [
    measure('count(DISTINCT email)', 'distinct'),
    measure('resolution from scratch', 'scratch', 60),
    ratio('resolution from scratch', samples.scratch, samples.distinct),
    measure('resolution of 1% changes', 'changed', 6),
    ratio('resolution of 1% changes', samples.changed, samples.distinct),
    measure('resolution of nothing', 'nothing', 0.05),
  ];
}

function ratio(name: string, samples: readonly number[], distinct: readonly number[]): Measure {
  const ratios = samples.map((seconds, index) => seconds / (distinct[index] ?? Number.NaN));
  return { name: `${name}, to count(DISTINCT email)`, value: median(ratios), unit: 'x', samples: ratios };
}

async function measureOnce(rows: number, samples: Samples): Promise<void> {
  const database = await createEmptyDatabase();
  const pools = createWarehousePools();
  try {
    const population = await populate(database, createWarehousePlatforms(pools).get('PostgreSQL'), rows);
    const { resolve, people } = population;
    samples.distinct.push(await timed(() => database.query('SELECT count(DISTINCT email) FROM penstock_identities')));
    samples.scratch.push(await timed(async () => expectEqual((await resolve()).profiles, people)));
    await expectMemberships(population, rows);
    const merged = await changeOnePercent(population, rows);
    samples.changed.push(await timed(async () => expectEqual((await resolve()).profiles, people - merged)));
    await expectMemberships(population, rows);
    samples.nothing.push(await timed(async () => expectEqual((await resolve()).resolved, 0)));
  } finally {
    await pools.close();
    await database.drop();
  }
}

async function populate(database: TestDatabase, platform: WarehousePlatform, rows: number): Promise<Population> {
  const settings = connectionSettings(database.url);
  await platform.initialize(settings, { workspace: WORKSPACE, columns: COLUMNS });
  const duplicates = Math.floor(rows * DUPLICATES);
  const people = rows - duplicates;
  await createUsers(database, people);
  await fill(database, SHOP, 'SELECT * FROM users');
  // The CRM knows four in five by their address, and the others by the shop's number.
  const known = COLUMN_NAMES.map((name) => {
    if (name === 'id') return `CASE WHEN right(id, 1) IN ('0', '5') THEN id ELSE 'crm-' || id END AS id`;
    if (name === 'email') return `CASE WHEN right(id, 1) IN ('0', '5') THEN NULL ELSE email END AS email`;
    return name === 'updated_at' ? `updated_at + interval '1 day' AS updated_at` : name;
  });
  await fill(database, CRM, `SELECT ${known.join(', ')} FROM users ORDER BY substr(id, 6)::int LIMIT ${duplicates}`);
  await database.query('DROP TABLE users');
  const resolve = async (): Promise<ResolutionOutcome> => {
    const outcome = await platform.resolveIdentities(settings, REQUEST, new AbortController().signal);
    if (outcome === null) throw new Error('something else is under way');
    return outcome;
  };
  return { database, resolve, people };
}

/** As a first import leaves it behind. */
async function fill(database: TestDatabase, pipeline: number, query: string): Promise<void> {
  const names = COLUMN_NAMES.join(', ');
  await database.query(
    `CREATE TABLE penstock_identities_${pipeline} PARTITION OF penstock_identities FOR VALUES IN (${pipeline})`,
  );
  await database.query(
    `INSERT INTO penstock_identities (_pipeline, _connection, _user_id, _updated_at, _run, ${names})
     SELECT ${pipeline}, ${pipeline}, id, updated_at AT TIME ZONE 'UTC', 1, ${names} FROM (${query}) AS users`,
  );
  await database.query(`INSERT INTO penstock_changes (_pipeline) VALUES (${pipeline})`);
}

/** Nine in ten change a value, the others take the address of somebody else, who is then the same. Returns how many these are. */
async function changeOnePercent({ database, people }: Population, rows: number): Promise<number> {
  const changes = Math.floor(rows / 100);
  const merged = Math.floor(changes / 10);
  const change = (set: string, first: number, count: number): Promise<unknown> =>
    database.query(
      `WITH changed AS (
         UPDATE penstock_identities SET ${set} WHERE _pipeline = ${SHOP} AND substr(_user_id, 6)::int BETWEEN $1 AND $2
         RETURNING _pipeline, _user_id)
       INSERT INTO penstock_changes SELECT * FROM changed`,
      [first, first + count - 1],
    );
  await change('logins = logins + 1', 1, changes - merged);
  const other = `(SELECT email FROM penstock_identities AS o WHERE o._pipeline = ${SHOP}
    AND o._user_id = 'user-' || (substr(penstock_identities._user_id, 6)::int - ${merged}))`;
  await change(`email = ${other}`, people - merged + 1, merged);
  return merged;
}

/** Each identity has one profile, and each profile has identities. */
async function expectMemberships({ database }: Population, rows: number): Promise<void> {
  const [found] = await database.query<{ members: number; unknown: number; empty: number }>(`
    SELECT count(*)::int AS members, count(*) FILTER (WHERE p._id IS NULL)::int AS unknown,
           (SELECT count(*)::int FROM penstock_profiles)  - count(DISTINCT p._id)::int AS empty
    FROM penstock_identity_profiles AS m LEFT JOIN penstock_profiles AS p ON p._id = m._profile`);
  expectEqual(found?.members, rows);
  expectEqual(found?.unknown, 0);
  expectEqual(found?.empty, 0);
}

function expectEqual(actual: unknown, expected: number): void {
  if (actual !== expected) throw new Error(`the resolution left ${actual} behind instead of ${expected}`);
}
