import type { ExportMode } from '@penstock/domain';
import type { ExportAttempt, ExportedProfile, ExportQuery } from '@penstock/engine';
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
import { profile, profileId, profiles, type TestProfile } from './support/profiles.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';

describe('what an export asks about its profiles', () => {
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

  async function openWith(rows: readonly TestProfile[]): Promise<ExportWarehouse> {
    const warehouse = await openExports(database, underTest);
    await warehouse.profiles.put(rows);
    return warehouse;
  }

  /** Begins, reads everything, and returns the attempt. */
  async function begun(warehouse: ExportWarehouse, query: ExportQuery = QUERY, run = 2): Promise<ExportAttempt> {
    const attempt = await warehouse.begin({ run });
    await collect((await attempt.read(query)).batches());
    return attempt;
  }

  const numberOf = (id: string): number => Number(id.slice(-12));

  async function duplicatesOf(attempt: ExportAttempt): Promise<string[]> {
    const found = await collect(attempt.duplicates());
    return found.map(({ profile: id, sequence, other }) => `${numberOf(id)} (${sequence}) ${numberOf(other)}`).sort();
  }

  const onlyItaly: ExportQuery = {
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
          operands: ['IT'],
        },
      ],
    },
  };

  describe('duplicates', () => {
    it('are all records that were staged with the same key; records without one have none', async () => {
      const warehouse = await openWith(profiles(1, 6));
      const attempt = await begun(warehouse);
      const keys = ['a', 'b', 'a', null, null, 'a'];
      await attempt.stage(
        keys.map((key, index) => recordOf(profile(index + 1), { key })),
        100,
      );
      expect(await duplicatesOf(attempt)).toEqual(['1 (100) 3', '3 (102) 1', '6 (105) 1']);
    });

    it('are also those that were not staged, of profiles that take part', async () => {
      const warehouse = await openWith(profiles(1, 5));
      await warehouse.stageAll(profiles(1, 4), { run: 1 });
      await warehouse.profiles.put([profile(3, { values: ['3@example.com', 3, 'FR'] })]);
      await warehouse.profiles.remove([profileId(4)]);
      const attempt = await begun(warehouse, onlyItaly);
      const keys = ['2@example.com', '3@example.com', '4@example.com'];
      await attempt.stage(
        [1, 5, 6].map((number, index) => recordOf(profile(number), { key: keys[index] ?? null, isNew: number !== 1 })),
        0,
      );
      expect(await collect(attempt.duplicates())).toEqual([
        { profile: profileId(1), sequence: 0, isNew: false, other: profileId(2) },
        { profile: profileId(2), sequence: null, isNew: false, other: profileId(1) },
      ]);
    });

    it('are not those that failed before, whose keys nobody else can have all the same', async () => {
      const warehouse = await openWith(profiles(1, 4));
      await warehouse.stageAll(profiles(1, 2), { run: 1 });
      const attempt = await begun(warehouse);
      await attempt.noteFailed([profileId(2)]);
      await attempt.noteFailed([profileId(2), profileId(1)]);
      await attempt.noteFailed([]);
      await attempt.stage([recordOf(profile(3), { key: '2@example.com' }), recordOf(profile(4))], 0);
      expect(await duplicatesOf(attempt)).toEqual(['3 (0) 2']);
    });

    it('do not arise when two profiles change their keys for each other', async () => {
      const warehouse = await openWith(profiles(1, 2));
      await warehouse.stageAll(profiles(1, 2), { run: 1 });
      const attempt = await begun(warehouse);
      await attempt.stage(
        [recordOf(profile(1), { key: '2@example.com' }), recordOf(profile(2), { key: '1@example.com' })],
        0,
      );
      expect(await duplicatesOf(attempt)).toEqual([]);
    });

    it('come in batches, however many there are', async () => {
      const many = profiles(1, 25_000);
      const warehouse = await openWith(many);
      await warehouse.stageAll(many, { run: 1 });
      const attempt = await begun(warehouse);
      await attempt.stage(
        Array.from({ length: 12_000 }, (_, n) => recordOf(profile(n + 1), { key: `${n + 12_001}@example.com` })),
        0,
      );
      const found = await collect(attempt.duplicates());
      expect(found).toHaveLength(24_000);
      expect(found.filter(({ sequence }) => sequence === null)).toHaveLength(12_000);
    });
  });

  describe('records that have left', () => {
    it('are those that were accepted of profiles that are gone or that the filter does not accept', async () => {
      const warehouse = await openWith(profiles(1, 4));
      const first = await warehouse.begin({ run: 1 });
      await first.accept(profiles(1, 4).map((row) => recordOf(row, { externalId: `x${numberOf(row.id)}` })));
      await first.publish(exportPlan(4));
      await warehouse.profiles.remove([profileId(1)]);
      await warehouse.profiles.put([profile(2, { values: ['2@example.com', 2, 'FR'] })]);
      const attempt = await begun(warehouse, { ...onlyItaly, unlessAcceptedUnder: 1 });
      const left = (await collect(attempt.left())).sort((a, b) => (a.profile < b.profile ? -1 : 1));
      expect(left).toEqual([
        { profile: profileId(1), key: '1@example.com', externalId: 'x1' },
        { profile: profileId(2), key: '2@example.com', externalId: 'x2' },
      ]);
      expect(await attempt.countLeft()).toEqual({ left: 2, accepted: 4 });
      await attempt.forget(
        left.map((row) => row.profile),
        2,
      );
      await attempt.publish(exportPlan(2));
      expect(await collect((await begun(warehouse, onlyItaly, 3)).left())).toEqual([]);
    });

    it('come without the key, or the identifier, that another profile has now, or was refused', async () => {
      const warehouse = await openWith(profiles(1, 3));
      const first = await warehouse.begin({ run: 1 });
      await first.accept(profiles(1, 3).map((row) => recordOf(row, { externalId: `x${numberOf(row.id)}` })));
      await first.publish(exportPlan(3));
      await warehouse.profiles.remove([profileId(1), profileId(2)]);
      await warehouse.profiles.put([profile(4), profile(5)]);
      const attempt = await begun(warehouse);
      await attempt.stage(
        [recordOf(profile(4), { key: '1@example.com' }), recordOf(profile(5), { key: '2@example.com' })],
        0,
      );
      await attempt.refuse([1]);
      await attempt.accept([recordOf(profile(6), { externalId: 'x2' })]);
      const left = (await collect(attempt.left())).sort((a, b) => (a.profile < b.profile ? -1 : 1));
      expect(left).toEqual([
        { profile: profileId(1), key: null, externalId: 'x1' },
        { profile: profileId(2), key: null, externalId: null },
      ]);
    });

    it('come without the identifier of a user that a profile which takes part is matched with, accepted or not', async () => {
      const warehouse = await openWith([...profiles(1, 2), profile(3, { values: ['3@example.com', 3, 'FR'] })]);
      const first = await warehouse.begin({ run: 1 });
      await first.accept([2, 3].map((number) => recordOf(profile(number), { externalId: `x${number}` })));
      await first.publish(exportPlan(2));
      await warehouse.profiles.remove([profileId(2)]);
      await warehouse.profiles.put([profile(4, { values: ['2@example.com', 4, 'IT'] })]);
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.stageUsers(
        [2, 3].map((number) => ({ externalId: `x${number}`, matching: `${number}@example.com` })),
      );
      const matching = { path: 'email', mode: 'CreateOrUpdate', knowsUsers: true } as const;
      await collect((await attempt.read({ ...onlyItaly, matching })).batches());
      const left = (await collect(attempt.left())).sort((a, b) => (a.profile < b.profile ? -1 : 1));
      expect(left.map(({ externalId }) => externalId)).toEqual([null, 'x3']);
    });

    it('keep the key that an unchanged profile has', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const first = await warehouse.begin({ run: 1 });
      await first.accept([recordOf(profile(1), { key: 'same' }), recordOf(profile(2), { key: 'same' })]);
      await first.publish(exportPlan(2));
      await warehouse.profiles.remove([profileId(2)]);
      const attempt = await begun(warehouse);
      expect(await collect(attempt.left())).toEqual([{ profile: profileId(2), key: null, externalId: null }]);
    });

    it('are not those that the mode leaves out', async () => {
      const warehouse = await openWith([profile(1)]);
      const first = await warehouse.begin({ run: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'x1' })]);
      await first.publish(exportPlan(1));
      const attempt = await warehouse.begin({ run: 2 });
      await attempt.stageUsers([{ externalId: 'x1', matching: '1@example.com' }]);
      const reader = await attempt.read({
        ...QUERY,
        matching: { path: 'email', mode: 'CreateOnly', knowsUsers: true },
      });
      expect(reader.total).toBe(0);
      await collect(reader.batches());
      expect(await collect(attempt.left())).toEqual([]);
    });

    it('of an application that cannot tell its users are those that it has accepted', async () => {
      const warehouse = await openWith([profile(1), profile(2), profile(3)]);
      const first = await warehouse.begin({ run: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'x1' })]);
      await first.publish(exportPlan(1));
      const ask = async (run: number, mode: 'CreateOnly' | 'CreateOrUpdate') => {
        const attempt = await warehouse.begin({ run });
        const reader = await attempt.read({ ...changesUnder(1), matching: { path: 'email', mode, knowsUsers: false } });
        const found = await collect(reader.batches());
        await attempt.close();
        return { total: reader.total, delivered: found.map(({ id }) => numberOf(id)) };
      };
      const all = await ask(2, 'CreateOrUpdate');
      expect(all.delivered).not.toContain(1);
      expect(all.delivered).toHaveLength(all.total - 1);
      const fresh = await ask(3, 'CreateOnly');
      expect(fresh.total).toBe(all.total - 1);
      expect(fresh.delivered.toSorted()).toEqual(all.delivered.toSorted());
    });
  });

  describe('matching', () => {
    const users: { externalId: string; matching: string | null }[] = [
      { externalId: 'u2', matching: '2@example.com' },
      { externalId: 'z3', matching: '3@example.com' },
      { externalId: 'a3', matching: '3@example.com' },
      { externalId: 'a3', matching: '3@example.com' },
      { externalId: 'nobody', matching: 'nobody' },
      { externalId: 'nul', matching: 'a\0b' },
      { externalId: 'none', matching: null },
    ];

    async function matched(
      warehouse: ExportWarehouse,
      {
        mode = 'CreateOrUpdate',
        path = 'email',
        run = 2,
        query = QUERY,
        known = users,
      }: {
        mode?: ExportMode;
        path?: string;
        run?: number;
        query?: ExportQuery;
        known?: typeof users;
      } = {},
    ): Promise<{ total: number; rows: readonly ExportedProfile[]; numbers: number[] }> {
      const attempt = await warehouse.begin({ run });
      await attempt.stageUsers(known.slice(0, 2));
      await attempt.stageUsers(known.slice(2));
      const reader = await attempt.read({ ...query, matching: { path, mode, knowsUsers: true } });
      const rows = (await collect(reader.batches())).sort((a, b) => (a.id < b.id ? -1 : 1));
      await attempt.close();
      return { total: reader.total, rows, numbers: rows.map(({ id }) => numberOf(id)) };
    }

    const withoutValue = profile(4, { values: [null, 4, 'IT'] });

    it('tells the value, the users who have it in their order, and another profile with it', async () => {
      const twin = profile(5, { values: ['2@example.com', 5, 'IT'] });
      const warehouse = await openWith([...profiles(1, 3), withoutValue, twin]);
      const { rows, total } = await matched(warehouse);
      expect(total).toBe(5);
      expect(rows.map(({ match }) => match)).toEqual([
        { value: '1@example.com', externalIds: [], duplicateOf: null },
        { value: '2@example.com', externalIds: ['u2'], duplicateOf: profileId(5) },
        { value: '3@example.com', externalIds: ['a3', 'z3'], duplicateOf: null },
        { value: null, externalIds: [], duplicateOf: null },
        { value: '2@example.com', externalIds: ['u2'], duplicateOf: profileId(2) },
      ]);
      expect(rows[0]?.fields).toEqual(['1@example.com', '1', 'IT']);
    });

    it('compares integers by their text', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const { rows } = await matched(warehouse, { path: 'key', known: [{ externalId: 'one', matching: '1' }] });
      expect(rows.map(({ match }) => match?.externalIds)).toEqual([['one'], []]);
    });

    it('takes by mode those without a user, those with one, or all; and always those without a value', async () => {
      const warehouse = await openWith([...profiles(1, 3), withoutValue]);
      expect(await matched(warehouse, { mode: 'CreateOnly', run: 2 })).toMatchObject({ total: 2, numbers: [1, 4] });
      expect(await matched(warehouse, { mode: 'UpdateOnly', run: 3 })).toMatchObject({ total: 3, numbers: [2, 3, 4] });
      expect(await matched(warehouse, { mode: 'CreateOrUpdate', run: 4 })).toMatchObject({ total: 4 });
      expect(await matched(warehouse, { mode: 'UpdateOnly', run: 5, known: [] })).toMatchObject({
        total: 1,
        numbers: [4],
      });
    });

    it('counts a rival only if it takes part', async () => {
      const abroad = profile(5, { values: ['1@example.com', 5, 'FR'] });
      const warehouse = await openWith([profile(1), abroad]);
      const { rows } = await matched(warehouse, { query: onlyItaly });
      expect(rows.map(({ match }) => match?.duplicateOf)).toEqual([null]);
    });

    it('sends an unchanged profile again when its user is not listed any more', async () => {
      const warehouse = await openWith(profiles(1, 3));
      const first = await warehouse.begin({ run: 1 });
      await first.accept(
        [1, 2, 3].map((number) => recordOf(profile(number), { externalId: ['x1', 'u2', 'other'][number - 1] ?? null })),
      );
      await first.publish(exportPlan(3));
      const { numbers, total } = await matched(warehouse, { query: changesUnder(1) });
      expect({ numbers, total }).toEqual({ numbers: [1, 3], total: 3 });
    });

    it('delivers an unchanged profile that another one shares its value with by now', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const first = await warehouse.begin({ run: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'u1' }), recordOf(profile(2), { externalId: 'u2' })]);
      await first.publish(exportPlan(2));
      await warehouse.profiles.put([profile(3, { values: ['2@example.com', 3, 'IT'] })]);
      const known = [{ externalId: 'u1', matching: '1@example.com' }, ...users];
      const { rows } = await matched(warehouse, { known, query: changesUnder(1) });
      expect(rows.map(({ id, match }) => [numberOf(id), match?.duplicateOf])).toEqual([
        [2, profileId(3)],
        [3, profileId(2)],
      ]);
    });

    it('goes by who was accepted, whatever their value is now, and by the value where that user is not listed', async () => {
      const warehouse = await openWith(profiles(1, 5));
      const first = await warehouse.begin({ run: 1 });
      const noted = ['nobody', 'none', 'a3', 'gone'];
      await first.accept(noted.map((externalId, index) => recordOf(profile(index + 1), { externalId })));
      await first.publish(exportPlan(4));
      const known = [...users, { externalId: 'u4', matching: '4@example.com' }];
      const { rows } = await matched(warehouse, { known });
      expect(rows.map(({ match }) => match?.externalIds)).toEqual([['nobody'], ['none'], ['a3'], ['u4'], []]);
      expect((await matched(warehouse, { known, query: changesUnder(1), run: 3 })).numbers).toEqual([4, 5]);
      expect((await matched(warehouse, { known, mode: 'UpdateOnly', run: 4 })).numbers).toEqual([1, 2, 3, 4]);
      expect((await matched(warehouse, { known, mode: 'CreateOnly', run: 5 })).numbers).toEqual([5]);
    });

    it('takes whom this run has sent for listed, before the application lists them', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const first = await warehouse.begin({ run: 7, epoch: 1 });
      await first.accept([recordOf(profile(1), { externalId: 'late' }), recordOf(profile(2), { externalId: null })]);
      await first.close();
      const ask = async (query: ExportQuery, epoch: number) => {
        const attempt = await warehouse.begin({ run: 7, epoch });
        await attempt.stageUsers([{ externalId: 'other', matching: 'other' }]);
        const matching = { path: 'email', mode: 'CreateOrUpdate', knowsUsers: true } as const;
        const rows = await collect((await attempt.read({ ...query, matching })).batches());
        await attempt.close();
        return rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ match }) => match?.externalIds);
      };
      expect(await ask(changesUnder(1), 2)).toEqual([]);
      expect(await ask(QUERY, 3)).toEqual([['late'], []]);
    });

    it('still takes what an earlier attempt of the run has created, which has a user by now', async () => {
      const warehouse = await openWith(profiles(1, 2));
      const first = await warehouse.begin({ run: 7, epoch: 1 });
      await first.accept([recordOf(profile(2), { externalId: 'u2' })]);
      await first.close();
      const attempt = await warehouse.begin({ run: 7, epoch: 2 });
      await attempt.stageUsers(users);
      const reader = await attempt.read({
        ...changesUnder(1),
        matching: { path: 'email', mode: 'CreateOnly', knowsUsers: true },
      });
      expect(reader.total).toBe(2);
      expect((await collect(reader.batches())).map(({ id }) => numberOf(id))).toEqual([1]);
      await attempt.accept([recordOf(profile(1), { externalId: 'u1' })]);
      expect(await attempt.publish(exportPlan(2))).toMatchObject({ added: 2, changed: 0, unchanged: 0 });
    });
  });
});
