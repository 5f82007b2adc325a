import type { StagedRow } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdResolution, killResolutions } from './support/held-resolution.js';
import { planFor, WORKSPACE } from './support/people.js';
import { RESOLVED_COLUMNS, ResolvingWarehouse } from './support/resolving-warehouse.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';

const TIME = '2024-01-01 00:00:00';
const BY_EMAIL = ['email'];

/** `[user id, e-mail, city]` as a row. */
function user(userId: string, email: string | null, city: string | null = null): StagedRow {
  return [userId, TIME, email, null, null, null, city, null, null];
}

describe('a resolution of identities', () => {
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

  const open = async (): Promise<ResolvingWarehouse> =>
    ResolvingWarehouse.create(underTest.platform, database.client, { settings: await underTest.newPlace() });

  /** Two pipelines with one person in common, resolved; then that person changes. */
  async function openChanged(): Promise<ResolvingWarehouse> {
    const warehouse = await open();
    await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x'), user('b', 'b@x')] });
    await warehouse.import({ pipeline: 2, rows: [user('c', 'a@x'), user('d', 'd@x')] });
    await warehouse.resolve(BY_EMAIL);
    await warehouse.import({ pipeline: 2, rows: [user('c', 'b@x', 'Rome'), user('e', 'd@x')] });
    return warehouse;
  }

  const CHANGED_GROUPS = [['1/a'], ['1/b', '2/c'], ['2/e']];

  it('does nothing when nothing has changed', async () => {
    const warehouse = await open();
    await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x')] });
    const profiles = { added: 1, changed: 0, removed: 0, profiles: 1 };
    expect(await warehouse.resolve(BY_EMAIL)).toEqual({ ...profiles, resolved: 1 });
    await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x')] });
    expect(await warehouse.resolve(BY_EMAIL)).toEqual({ ...profiles, resolved: 0, added: 0 });
  });

  it('looks only at those who changed, and at who was or is connected to them', async () => {
    const warehouse = await open();
    const rows = Array.from({ length: 50 }, (_, index) => user(`u${index}`, `${index % 25}@x`));
    await warehouse.import({ pipeline: 1, rows });
    expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ resolved: 50, profiles: 25 });
    await warehouse.import({ pipeline: 1, rows: [user('u1', '2@x'), user('new', '3@x')], isFull: false });
    // u1 with u26, whom it leaves; u2 and u27, whom it joins; the new one, u3 and u28.
    expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ resolved: 7, added: 0, removed: 0, profiles: 25 });
  });

  it('keeps the id that most members had, though another one is older', async () => {
    const warehouse = await open();
    await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x')] });
    await warehouse.resolve(BY_EMAIL);
    await warehouse.import({ pipeline: 2, rows: [user('b', 'b@x'), user('c', 'b@x')] });
    await warehouse.resolve(BY_EMAIL);
    const before = await warehouse.memberships();
    await warehouse.import({ pipeline: 1, rows: [user('a', 'b@x')] });
    expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ added: 0, removed: 1 });
    expect(new Set((await warehouse.memberships()).values())).toEqual(new Set([before.get('2/b')]));
  });

  it('keeps the older id where two had as many members', async () => {
    const warehouse = await open();
    const users = Array.from({ length: 8 }, (_, index) => `u${index}`);
    await warehouse.import({ pipeline: 1, rows: users.map((id) => user(id, `old ${id}`)) });
    await warehouse.resolve(BY_EMAIL);
    await warehouse.import({ pipeline: 2, rows: users.map((id) => user(id, `new ${id}`)) });
    await warehouse.resolve(BY_EMAIL);
    const before = await warehouse.memberships();
    await warehouse.import({ pipeline: 1, rows: users.map((id) => user(id, `new ${id}`)) });
    await warehouse.resolve(BY_EMAIL);
    const after = await warehouse.memberships();
    for (const id of users) expect(after.get(`2/${id}`)).toBe(before.get(`1/${id}`));
  });

  it('leaves the id with the larger part of a split, and never gives one again that was given up', async () => {
    const warehouse = await open();
    const rows = (email: string) => [user('a', 'a@x'), user('b', 'a@x'), user('c', email)];
    await warehouse.import({ pipeline: 1, rows: rows('a@x') });
    await warehouse.resolve(BY_EMAIL);
    const [first] = (await warehouse.memberships()).values();
    const given = new Set([first]);
    for (const email of ['c@x', 'a@x', 'c@x', 'a@x', 'c@x']) {
      await warehouse.import({ pipeline: 1, rows: rows(email) });
      await warehouse.resolve(BY_EMAIL);
      const ids = await warehouse.memberships();
      expect(ids.get('1/a')).toBe(first);
      given.add(ids.get('1/c'));
    }
    expect(given.size).toBe(4);
  });

  it('is the only one: others are turned away until it ends', async () => {
    const warehouse = await openChanged();
    const held = await holdResolution(database, `${warehouse.schema}.penstock_state`, 'SHARE');
    const first = warehouse.resolve(BY_EMAIL);
    await held.reached();
    expect(await warehouse.tryResolve(BY_EMAIL)).toBeNull();
    await held.release();
    expect(await first).toMatchObject({ profiles: 3 });
    expect(await warehouse.tryResolve(BY_EMAIL)).toMatchObject({ resolved: 0 });
  });

  it.each([0, -3])('is turned away by an alteration of the schema (lock %i)', async (lock) => {
    const warehouse = await openChanged();
    const other = await database.connect();
    await other.query('SELECT pg_advisory_lock($1::regclass::oid::integer, $2)', [
      `${warehouse.schema}.penstock_fences`,
      lock,
    ]);
    expect(await warehouse.tryResolve(BY_EMAIL)).toBeNull();
    await other.end();
    await waitUntil(async () => (await warehouse.tryResolve(BY_EMAIL)) !== null);
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
  });

  const POINTS = ['profiles', 'changes', 'state', 'identity_profiles'].flatMap((table) =>
    [false, true].map((full) => ({ table, full })),
  );

  it.each(POINTS)('that dies before it writes $table leaves all as it was (full: $full)', async ({ table, full }) => {
    const warehouse = await openChanged();
    const look = async () => [await warehouse.memberships(), await warehouse.profiles(), await warehouse.changes()];
    const before = await look();
    const held = await holdResolution(database, `${warehouse.schema}.penstock_${table}`, 'SHARE');
    const dying = expect(warehouse.resolve(BY_EMAIL, { full })).rejects.toMatchObject({ code: 'WarehouseUnavailable' });
    await held.reached();
    // Readers are not in its way, and see nothing of it.
    expect(await look()).toEqual(before);
    expect(await killResolutions(database)).toBe(1);
    await dying;
    await held.release();
    expect(await look()).toEqual(before);
    await warehouse.resolve(BY_EMAIL);
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
    expect(await warehouse.changes()).toEqual([]);
    const { rows } = await database.client.query(
      `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relname LIKE 'penstock_identity%' ORDER BY 1`,
      [warehouse.schema],
    );
    expect(rows.map(({ relname }) => relname)).toEqual(['penstock_identity_profiles']);
  });

  it.each([true, false])('keeps privileges, views and the owner of its tables (full: %s)', async (full) => {
    const warehouse = await openChanged();
    const { schema } = warehouse;
    const role = `${database.name}_reader`;
    await database.client.query(`
      CREATE ROLE ${role}; GRANT SELECT ON ${schema}.penstock_identity_profiles TO ${role};
      CREATE VIEW ${schema}.shown AS SELECT _profile, i1 FROM ${schema}.penstock_identity_profiles`);
    try {
      await warehouse.resolve(BY_EMAIL, { full });
      await warehouse.resolve([]);
      await warehouse.resolve(['phone', 'email', 'number']);
      await warehouse.resolve(BY_EMAIL);
      expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
      const { rows } = await database.client.query(
        `SELECT has_table_privilege($1, $2, 'SELECT') AS may, count(*)::int AS shown, count(i1)::int AS values FROM ${schema}.shown`,
        [role, `${schema}.penstock_identity_profiles`],
      );
      expect(rows).toEqual([{ may: true, shown: 4, values: 4 }]);
    } finally {
      await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('writes no membership again that stays as it is', async () => {
    const warehouse = await openChanged();
    await warehouse.resolve(BY_EMAIL);
    const addresses = async () =>
      (await database.client.query(`SELECT ctid::text, xmin::text FROM ${warehouse.schema}.penstock_identity_profiles`))
        .rows;
    const before = await addresses();
    await warehouse.resolve(BY_EMAIL, { full: true });
    expect(await addresses()).toEqual(before);
  });

  it('turns away who lost the operation, or asks for an older one, also when the later one had nothing to do', async () => {
    const warehouse = await openChanged();
    const by = (id: number, epoch: number, identifiers = BY_EMAIL) =>
      warehouse.tryResolve(identifiers, { operation: { id, epoch } });
    expect(await by(7, 1)).toMatchObject({ profiles: 3 });
    expect(await by(7, 3)).toMatchObject({ resolved: 0 });
    const outdated = [await by(7, 2, []), await by(6, 9, []), await by(7, 1, [])];
    expect(outdated).toEqual([null, null, null]);
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
    expect(await by(7, 3)).toMatchObject({ resolved: 0 });
    expect(await by(8, 1, [])).toMatchObject({ profiles: 4 });
  });

  it('leaves what is published meanwhile to the next one', async () => {
    const warehouse = await openChanged();
    const held = await holdResolution(database, `${warehouse.schema}.penstock_state`, 'SHARE');
    const first = warehouse.resolve(BY_EMAIL);
    await held.reached();
    await warehouse.import({ pipeline: 1, rows: [user('a', 'd@x'), user('b', 'b@x')] });
    await warehouse.import({ pipeline: 3, rows: [user('f', 'b@x')] });
    await held.release();
    await first;
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
    await warehouse.resolve(BY_EMAIL);
    expect(await warehouse.groups()).toEqual([
      ['1/a', '2/e'],
      ['1/b', '2/c', '3/f'],
    ]);
  });

  it('sees nothing of a first import that is published behind its snapshot', async () => {
    const warehouse = await openChanged();
    const target = { workspace: WORKSPACE, connection: 3, pipeline: 3, run: 99, epoch: 1 };
    const mapped = RESOLVED_COLUMNS.map(({ path }) => path);
    const attempt = await underTest.platform
      .open(warehouse.settings)
      .beginImport({ ...target, columns: RESOLVED_COLUMNS, mapped, onRefused: () => {} }, new AbortController().signal);
    const rows = Array.from({ length: 30_000 }, (_, index) => user(`f${index}`, 'b@x'));
    await attempt.stage(rows);
    const staged = `${warehouse.schema}.penstock_stage_3_99_1`;
    await waitUntil(
      async () => (await database.client.query('SELECT to_regclass($1) AS t', [staged])).rows[0]?.t !== null,
    );
    await waitUntil(async () => (await database.client.query(`SELECT 1 FROM ${staged} LIMIT 1`)).rowCount === 1);
    const held = await holdResolution(database, `${warehouse.schema}.penstock_state`, 'ACCESS EXCLUSIVE');
    const first = warehouse.resolve(BY_EMAIL, { full: true });
    await held.reached();
    await attempt.publish(planFor({ rows }));
    await attempt.close();
    await held.release();
    expect(await first).toMatchObject({ resolved: 4 });
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
    expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ resolved: 30_002, profiles: 3 });
  });

  it('ends at once when it is aborted, and makes way for the next', async () => {
    const warehouse = await openChanged();
    const held = await holdResolution(database, `${warehouse.schema}.penstock_state`, 'SHARE');
    const controller = new AbortController();
    const aborted = expect(warehouse.tryResolve(BY_EMAIL, {}, controller.signal)).rejects.toThrow('no more');
    await held.reached();
    controller.abort(new Error('no more'));
    await aborted;
    await held.release();
    await waitUntil(async () => (await warehouse.tryResolve(BY_EMAIL)) !== null);
    expect(await warehouse.groups()).toEqual(CHANGED_GROUPS);
  });

  it('works in a warehouse that an earlier version has initialised', async () => {
    const warehouse = await open();
    const { schema } = warehouse;
    const names = ['profiles', 'identity_profiles', 'changes', 'state'].map((name) => `${schema}.penstock_${name}`);
    await database.client.query(`DROP TABLE ${names.join(', ')}`);
    await warehouse.purge(4);
    const imports = [1, 2].map((pipeline) => warehouse.import({ pipeline, rows: [user('a', 'a@x')] }));
    await Promise.all(imports);
    expect(await warehouse.changes()).toHaveLength(2);
    expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ resolved: 2, profiles: 1 });
  });

  it('refuses what cannot be resolved by', async () => {
    const warehouse = await open();
    await expect(warehouse.resolve(['missing'])).rejects.toMatchObject({ code: 'PropertyNotExist' });
    await expect(warehouse.resolve(['extra'])).rejects.toMatchObject({ code: 'TypeNotAllowed' });
    await expect(warehouse.resolve([], { workspace: 7 })).rejects.toMatchObject({ code: 'DifferentWarehouse' });
    const columns = RESOLVED_COLUMNS.slice(1);
    await expect(warehouse.resolve([], { columns })).rejects.toMatchObject({ code: 'WarehouseConflict' });
    const apart = { workspace: WORKSPACE, columns, identifiers: [], primarySources: {} };
    const nowhere = underTest.platform.resolveIdentities(
      await underTest.newPlace(),
      apart,
      new AbortController().signal,
    );
    await expect(nowhere).rejects.toMatchObject({ code: 'WarehouseRefused' });
  });

  describe('is told of changes by publishes and purges:', () => {
    it('one row for a first import, and for a purge', async () => {
      const warehouse = await open();
      await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x'), user('b', 'b@x')] });
      expect(await warehouse.changes()).toEqual([{ pipeline: 1, userId: null }]);
      await warehouse.resolve(BY_EMAIL);
      await warehouse.purge(1);
      await warehouse.purge(1);
      expect(await warehouse.changes()).toEqual([{ pipeline: 1, userId: null }]);
      expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ removed: 2, profiles: 0 });
      expect(await warehouse.memberships()).toEqual(new Map());
    });

    it('those that were added, changed and removed, and no others', async () => {
      const warehouse = await open();
      await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x'), user('b', 'b@x'), user('c', 'c@x')] });
      await warehouse.resolve(BY_EMAIL);
      await warehouse.import({ pipeline: 1, rows: [user('a', 'a@x'), user('b', 'b@y'), user('d', 'd@x')] });
      expect((await warehouse.changes()).map(({ userId }) => userId)).toEqual(['b', 'c', 'd']);
    });

    it('the whole pipeline where most of many change', async () => {
      const warehouse = await open();
      const rows = (city: string) => Array.from({ length: 2_000 }, (_, index) => user(`u${index}`, `${index}@x`, city));
      await warehouse.import({ pipeline: 1, rows: rows('Rome') });
      await warehouse.resolve(BY_EMAIL);
      await warehouse.import({ pipeline: 1, rows: rows('Oslo') });
      expect(await warehouse.changes()).toEqual([{ pipeline: 1, userId: null }]);
      expect(await warehouse.resolve(BY_EMAIL)).toMatchObject({ added: 0, changed: 2_000, removed: 0 });
    });
  });
});
