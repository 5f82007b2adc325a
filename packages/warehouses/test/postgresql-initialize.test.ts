import type { WarehouseColumn } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPostgresqlPlatform,
  createWarehousePlatforms,
  createWarehousePools,
  type WarehousePools,
} from '../src/index.js';
import { COLUMNS, WORKSPACE } from './support/people.js';
import { createTestDatabase, type TestDatabase } from './support/test-database.js';

const OWNER = { workspace: WORKSPACE, columns: COLUMNS };

describe('initialising a PostgreSQL warehouse', () => {
  let database: TestDatabase;
  let pools: WarehousePools;
  const role = (): string => `${database.name}_role`;
  const platform = () => createPostgresqlPlatform(pools);

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = createWarehousePools();
    await database.client.query(`CREATE ROLE ${role()} LOGIN PASSWORD '${database.settings.password}'`);
    await database.client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${database.name} TO ${role()}`);
  });

  afterAll(async () => {
    await pools.close();
    await database.client.query(`DROP OWNED BY ${role()}`);
    await database.client.query(`DROP ROLE ${role()}`);
    await database.close();
  });

  it('creates what is missing, however often and by however many at once', async () => {
    const settings = { ...database.settings, schema: 'fresh' };
    await Promise.all([1, 2, 3].map(() => platform().initialize(settings, OWNER)));
    await platform().initialize(settings, OWNER);
    const { rows } = await database.client.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'fresh' ORDER BY 1",
    );
    expect(rows.map(({ name }) => name)).toEqual(
      ['changes', 'fences', 'identities', 'identity_profiles', 'profiles', 'state', 'workspace'].map(
        (name) => `penstock_${name}`,
      ),
    );
  });

  it('refuses a schema that belongs to another workspace', async () => {
    const settings = { ...database.settings, schema: 'taken' };
    await platform().initialize(settings, OWNER);
    const other = platform().initialize(settings, { ...OWNER, workspace: WORKSPACE + 1 });
    await expect(other).rejects.toMatchObject({ code: 'DifferentWarehouse' });
  });

  it('says which privilege is missing, in a check as well', async () => {
    await database.client.query('CREATE SCHEMA closed');
    const closed = { ...database.settings, username: role(), schema: 'closed' };
    await expect(platform().initialize(closed, OWNER)).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
      message: expect.stringMatching(/may not create tables in schema closed: grant CREATE/),
    });
    expect(await platform().check(closed)).toMatch(/grant CREATE on the schema/);
    expect(await platform().check({ ...closed, schema: 'missing' })).toMatch(/schema missing does not exist and/);
    await database.client.query(`GRANT CREATE, USAGE ON SCHEMA closed TO ${role()}`);
    expect(await platform().check(closed)).toBeNull();
    await platform().initialize(closed, OWNER);
  });

  it('leaves nothing behind when it fails', async () => {
    const columns: WarehouseColumn[] = [{ path: 'a', column: 'xmin', type: { kind: 'string' } }];
    const settings = { ...database.settings, schema: 'halfway' };
    await expect(platform().initialize(settings, { ...OWNER, columns })).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
    });
    const { rowCount } = await database.client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'halfway'");
    expect(rowCount).toBe(0);
  });

  it('refuses names that the server would cut short, and names that meet', async () => {
    const name = (path: string, column = path): WarehouseColumn => ({ path, column, type: { kind: 'string' } });
    const columns = [name('a'.repeat(63)), name('é'.repeat(32)), name('a.b', 'a_b'), name('a_b'), name('_run')];
    const refused = platform().initialize({ ...database.settings, schema: 'names' }, { ...OWNER, columns });
    await expect(refused).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
      details: [
        { path: 'é'.repeat(32), message: 'column name has 64 bytes, at most 63 are possible' },
        { path: 'a_b', message: 'column name a_b is also that of a.b' },
        { path: '_run', message: 'column name must not begin with an underscore' },
      ],
    });
  });

  it('refuses tables of another schema of profiles', async () => {
    const settings = { ...database.settings, schema: 'older' };
    await platform().initialize(settings, OWNER);
    const [email, ...others] = COLUMNS;
    const columns: WarehouseColumn[] = [
      { path: 'email', column: 'email', type: { kind: 'string', maxLength: 9 } },
      ...others.slice(1),
      { path: 'added', column: 'added', type: { kind: 'ip' } },
    ];
    await expect(platform().initialize(settings, { ...OWNER, columns })).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
      details: [
        { path: email?.path, message: 'column email must be character varying(9), it is text' },
        { path: 'added', message: 'column added must be inet, it does not exist' },
        { path: 'address_country', message: 'column address_country is not in the profile schema' },
      ],
    });
  });

  it('refuses profiles of another schema, though the identities fit', async () => {
    const settings = { ...database.settings, schema: 'halved' };
    await platform().initialize(settings, OWNER);
    await database.client.query('ALTER TABLE halved.penstock_profiles DROP COLUMN email');
    await expect(platform().initialize(settings, OWNER)).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
      message: expect.stringContaining('table of profiles'),
    });
  });

  it('refuses a schema in which a former workspace has left something, and names it', async () => {
    const settings = { ...database.settings, schema: 'former' };
    await platform().initialize(settings, OWNER);
    await database.client.query(`
      DROP TABLE former.penstock_identities, former.penstock_fences, former.penstock_workspace CASCADE;
      CREATE TABLE former.penstock_fingerprints_12 (); CREATE TABLE former.penstock_of_somebody_else ()`);
    const again = platform().initialize(settings, { ...OWNER, workspace: WORKSPACE + 1 });
    await expect(again).rejects.toMatchObject({
      code: 'WarehouseNotInitializable',
      message: expect.stringContaining(
        '(penstock_changes, penstock_fingerprints_12, penstock_identity_profiles, penstock_profiles, penstock_state): drop them, or use another schema',
      ),
    });
    const { rowCount } = await database.client.query(`SELECT 1 WHERE to_regclass('former.penstock_workspace') IS NULL`);
    expect(rowCount).toBe(1);
  });

  it('says in a check what keeps it from connecting', async () => {
    expect(await platform().check({ ...database.settings, port: 1 })).toMatch(
      /cannot be reached: connect ECONNREFUSED/,
    );
    expect(await platform().check({ ...database.settings, database: 'nowhere' })).toMatch(
      /database "nowhere" does not exist/,
    );
    expect(await platform().check({ ...database.settings, username: 'nobody' })).toMatch(/(role|user) "nobody"/);
    expect(await platform().check({ ...database.settings, tls: 'require' })).toMatch(/does not support SSL/);
    expect(await platform().check(database.settings)).toBeNull();
  });
});

describe('settings of a PostgreSQL warehouse', () => {
  const settings = { host: 'db.example.com', username: 'u', password: 'p4ss', database: 'd' };
  const platforms = createWarehousePlatforms(createWarehousePools());

  it('have defaults, and hide the password when shown', () => {
    expect(platforms.get('PostgreSQL').redactSettings(settings)).toEqual({
      ...settings,
      port: 5432,
      schema: 'public',
      tls: 'disable',
      password: '[REDACTED]',
    });
  });

  it('are refused with all that is wrong', async () => {
    const wrong = { ...settings, port: 0, schema: 'pg_mine', tls: 'maybe', hots: 'x' };
    await expect(platforms.get('PostgreSQL').check(wrong)).rejects.toMatchObject({ code: 'InvalidWarehouseSettings' });
    const error = await platforms
      .get('PostgreSQL')
      .check(wrong)
      .catch((reason) => reason);
    expect(error.details.map(({ path }: { path: string }) => path).sort()).toEqual(['', 'port', 'schema', 'tls']);
  });

  it('belong to a platform that exists', () => {
    expect(platforms.names).toEqual(['PostgreSQL']);
    expect(() => platforms.get('Oracle')).toThrow(expect.objectContaining({ code: 'WarehousePlatformNotExist' }));
  });
});
