import type { ExportQuery, WarehouseColumn } from '@penstock/engine';
import { type Value, ValueFailure } from '@penstock/language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLES } from './conformance/values.js';
import {
  changesUnder,
  collect,
  type ExportWarehouse,
  exportPlan,
  QUERY,
  recordOf,
} from './support/export-warehouse.js';
import { openExports } from './support/open-exports.js';
import { profile, profileId, profiles } from './support/profiles.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';

describe('reading profiles for an export', () => {
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

  const open = (columns?: readonly WarehouseColumn[]) => openExports(database, underTest, columns);

  const countryIs = (value: string): ExportQuery => ({
    ...QUERY,
    filter: {
      logical: 'and',
      inPaths: ['address.country'],
      conditions: [
        {
          path: ['address', 'country'],
          jsonKeys: [],
          type: { kind: 'string', maxLength: 2 },
          operator: 'is',
          operands: [value],
        },
      ],
    },
  });

  describe('whether a property tells all who take part apart', () => {
    let run = 1;
    const isUnique = async (warehouse: ExportWarehouse, query: Partial<ExportQuery> = { uniquePath: 'email' }) => {
      run += 1;
      const reader = await (await warehouse.begin({ run })).read({ ...QUERY, ...query });
      return reader.isUnique;
    };

    it('is found out where it is asked, about values that are there', async () => {
      const warehouse = await open();
      const nameless = [3, 4].map((number) => profile(number, { values: [null, number, 'IT'] }));
      await warehouse.profiles.put([...profiles(1, 2), ...nameless]);
      expect(await isUnique(warehouse)).toBe(true);
      expect(await isUnique(warehouse, {})).toBe(false);
      await warehouse.profiles.put([profile(3, { values: ['1@example.com', 3, 'CH'] })]);
      expect(await isUnique(warehouse)).toBe(false);
      expect(await isUnique(warehouse, { ...countryIs('IT'), uniquePath: 'email' })).toBe(true);
    });

    it('is not believed once something was accepted: who fails keeps the key that was, whatever the value is now', async () => {
      const warehouse = await open();
      await warehouse.profiles.put(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2));
      expect(await isUnique(warehouse)).toBe(false);
    });
  });

  it('brings back values of every kind as they are', async () => {
    const columns = SAMPLES.map(([type], index): WarehouseColumn => ({ path: `p${index}`, column: `p${index}`, type }));
    const warehouse = await open(columns);
    const longest = Math.max(...SAMPLES.map((sample) => sample.length - 1));
    const rows = Array.from({ length: longest }, (_, row) => ({
      id: profileId(row),
      revision: 1,
      values: SAMPLES.map((sample): Value => (row + 1 < sample.length ? (sample[row + 1] as Value) : null)),
    }));
    await warehouse.profiles.put(rows);
    const reader = await (await warehouse.begin()).read({ ...QUERY, columns, filterColumns: columns });
    expect(reader.columns.map(({ name, type }) => ({ name, type }))).toEqual(
      columns.map(({ path, type }) => ({ name: path, type })),
    );
    const read = await collect(reader.batches());
    const values = read.map(({ id, fields }) => ({
      id,
      values: fields.map((field, index) => (field === null ? null : reader.columns[index]?.decode?.(field))),
    }));
    expect(values.flatMap((row) => row.values).some((value) => value instanceof ValueFailure)).toBe(false);
    expect(values.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      rows.map(({ id, values: expected }) => ({ id, values: expected })),
    );
  });

  it('tells id, revision, and that nothing was accepted', async () => {
    const warehouse = await open();
    await warehouse.profiles.put([profile(1, { revision: 77 })]);
    expect(await warehouse.delivered(QUERY)).toEqual([
      { id: profileId(1), revision: '77', accepted: null, fields: ['1@example.com', '1', 'IT'] },
    ]);
  });

  it('reads a warehouse without profiles as an empty one', async () => {
    const warehouse = await open();
    await database.client.query(`DROP TABLE ${warehouse.settings.schema}.penstock_profiles`);
    const attempt = await warehouse.begin();
    const reader = await attempt.read(countryIs('IT'));
    expect(reader.total).toBe(0);
    expect(await collect(reader.batches())).toEqual([]);
    expect(await collect(attempt.left())).toEqual([]);
    expect(await collect(attempt.duplicates())).toEqual([]);
  });

  it('takes only what the filter accepts, whatever is in its values', async () => {
    const warehouse = await open();
    const texts = ["it's", 'back\\slash', '"quoted"', '$1', "'; DROP TABLE x; --", 'plain'];
    const wide = texts.map((text, index) => profile(index, { values: [text, index, 'IT'] }));
    await warehouse.profiles.put(wide);
    for (const [index, text] of texts.entries()) {
      const found = await warehouse.delivered({
        ...QUERY,
        filter: {
          logical: 'or',
          inPaths: ['email'],
          conditions: [
            { path: ['email'], jsonKeys: [], type: { kind: 'string' }, operator: 'is', operands: [text] },
            {
              path: ['email'],
              jsonKeys: [],
              type: { kind: 'string' },
              operator: 'is one of',
              operands: [text, 'nobody'],
            },
          ],
        },
      });
      expect(found.map(({ id }) => id)).toEqual([profileId(index)]);
    }
  });

  it('sees one snapshot, from the total to the end', async () => {
    const warehouse = await open();
    await warehouse.profiles.put(profiles(1, 3));
    const attempt = await warehouse.begin();
    const reader = await attempt.read(QUERY);
    await warehouse.profiles.put([...profiles(4, 9), profile(1, { revision: 2 })]);
    expect(reader.total).toBe(3);
    const read = await collect(reader.batches());
    expect(read.map(({ id, revision }) => `${id} ${revision}`).sort()).toEqual(
      [1, 2, 3].map((n) => `${profileId(n)} 1`),
    );
  });

  it('comes in the order of a property, by its bytes, those without a value last, equal ones by id', async () => {
    const warehouse = await open();
    const emails = ['b', 'a', 'Z', null, 'é', ...Array<string>(40).fill('b'), null];
    const rows = emails.map((email, index) => profile(index, { values: [email, index, null] }));
    await warehouse.profiles.put([...rows].reverse());
    const attempt = await warehouse.begin();
    const reader = await attempt.read({ ...QUERY, orderBy: 'email' });
    const read = await collect(reader.batches());
    const sameEmails = Array.from({ length: 40 }, (_, index) => index + 5);
    expect(read.map(({ fields }) => Number(fields[1]))).toEqual([2, 1, 0, ...sameEmails, 4, 3, 45]);
  });

  it('lets the server wait while nobody takes', async () => {
    const warehouse = await open();
    const text = 'x'.repeat(2_000);
    await warehouse.profiles.put(
      Array.from({ length: 20_000 }, (_, n) => profile(n, { values: [`${text}${n}`, n, 'IT'] })),
    );
    const attempt = await warehouse.begin();
    const reader = await attempt.read(QUERY);
    const batches = reader.batches()[Symbol.asyncIterator]();
    const first = await batches.next();
    // 40 MB are far more than all buffers between: the server's COPY cannot be over.
    const { rows } = await database.client.query(
      `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active'`,
    );
    expect(rows).toHaveLength(1);
    let read = first.value?.length ?? 0;
    for (let batch = await batches.next(); !batch.done; batch = await batches.next()) read += batch.value.length;
    expect(read).toBe(20_000);
  });

  it('ends within a second when the signal aborts, also while nobody takes', async () => {
    const warehouse = await open();
    await warehouse.profiles.put(
      Array.from({ length: 20_000 }, (_, n) => profile(n, { values: ['x'.repeat(2_000), n, 'IT'] })),
    );
    const controller = new AbortController();
    const attempt = await warehouse.begin({ signal: controller.signal });
    const batches = (await attempt.read(QUERY)).batches()[Symbol.asyncIterator]();
    await batches.next();
    const began = performance.now();
    controller.abort(new Error('cancelled'));
    await expect(
      (async () => {
        for (let batch = await batches.next(); !batch.done; batch = await batches.next());
      })(),
    ).rejects.toThrow('cancelled');
    await attempt.close();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('can be closed in the middle, and then the attempt, too', async () => {
    const warehouse = await open();
    await warehouse.profiles.put(
      Array.from({ length: 20_000 }, (_, n) => profile(n, { values: ['x'.repeat(2_000), n, 'IT'] })),
    );
    const attempt = await warehouse.begin();
    await (await attempt.read(QUERY)).batches()[Symbol.asyncIterator]().next();
    await attempt.close();
    await attempt.close();
    const other = await warehouse.begin({ run: 2 });
    const reader = await other.read(QUERY);
    await reader.batches()[Symbol.asyncIterator]().next();
    await reader.close();
    await reader.close();
  });

  describe('under the version that they were accepted under', () => {
    it('leaves out those that have not changed since, and counts them', async () => {
      const warehouse = await open();
      await warehouse.profiles.put(profiles(1, 4));
      await warehouse.stageAll(profiles(1, 3));
      await warehouse.profiles.put([profile(2, { revision: 5, values: ['new@example.com', 2, 'FR'] })]);
      const attempt = await warehouse.begin({ run: 2 });
      const reader = await attempt.read(changesUnder(1));
      expect(reader.total).toBe(4);
      const read = await collect(reader.batches());
      expect(read.map(({ id }) => id).sort()).toEqual([profileId(2), profileId(4)]);
      const accepted = read.find(({ id }) => id === profileId(2))?.accepted;
      expect(accepted).toEqual({
        fingerprint: recordOf(profile(2)).fingerprint,
        key: '2@example.com',
        externalId: null,
        byThisRun: false,
      });
    });

    it('delivers all under another version, and without one', async () => {
      const warehouse = await open();
      await warehouse.profiles.put(profiles(1, 3));
      await warehouse.stageAll(profiles(1, 3));
      expect(await warehouse.delivered(changesUnder(1))).toEqual([]);
      expect(await warehouse.delivered(changesUnder(2))).toHaveLength(3);
      expect(await warehouse.delivered(QUERY)).toHaveLength(3);
    });
  });

  it('says that the profile schema was altered when a column is gone', async () => {
    const warehouse = await open();
    await database.client.query(
      `ALTER TABLE ${warehouse.settings.schema}.penstock_profiles DROP COLUMN address_country`,
    );
    const reader = await (await warehouse.begin()).read(QUERY);
    await expect(collect(reader.batches())).rejects.toMatchObject({ code: 'WarehouseConflict' });
    const filtered = (await warehouse.begin({ run: 2 })).read(countryIs('IT'));
    await expect(filtered).rejects.toMatchObject({ code: 'WarehouseConflict' });
  });

  it('keeps keys and identifiers with characters that the warehouse cannot hold', async () => {
    const warehouse = await open();
    await warehouse.profiles.put([profile(1)]);
    const keys = { key: 'a\0b\\0\\', externalId: '\0' };
    const attempt = await warehouse.begin();
    await attempt.accept([recordOf(profile(1), keys)]);
    await attempt.publish(exportPlan(1));
    expect((await warehouse.delivered(QUERY))[0]?.accepted).toMatchObject(keys);
  });
});
