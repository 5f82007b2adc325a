import { randomBytes } from 'node:crypto';
import { createConnectionPools, findConnector } from '@penstock/connectors';
import type { StagedRow } from '@penstock/engine';
import { createDatabase, createSecrets, parseMasterKeys } from '@penstock/shared/platform';
import { findRun } from '@penstock/shared/repositories';
import { ApiFactories, createEmptyDatabase, createTestDatabase, type TestDatabase } from '@penstock/shared/testing';
import { insertRun } from '@penstock/shared/use-cases';
import { createWarehousePlatforms, createWarehousePools } from '@penstock/warehouses';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testedBlock } from './support/documents.js';

/** Roles belong to the whole server: each run of the tests has its own. */
const SUFFIX = randomBytes(4).toString('hex');
const PASSWORD = 'change me';
const ROLES = ['penstock_reader', 'penstock_writer', 'analyst', 'penstock_app'] as const;

const COLUMNS = [{ path: 'email', column: 'email', type: { kind: 'string' } }] as const;

let control: TestDatabase;
let shop: TestDatabase;
let warehouse: TestDatabase;
const warehousePools = createWarehousePools();
const connectionPools = createConnectionPools();
const secrets = createSecrets(parseMasterKeys(`2027:${randomBytes(32).toString('base64')}`));

beforeAll(async () => {
  [control, shop, warehouse] = await Promise.all([createTestDatabase(), createEmptyDatabase(), createEmptyDatabase()]);
  await shop.query('CREATE TABLE users (id text, email text)');
});
afterAll(async () => {
  await Promise.all([warehousePools.close(), connectionPools.close()]);
  await Promise.all([control.drop(), shop.drop(), warehouse.drop()]);
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  for (const role of ROLES) await client.query(`DROP ROLE IF EXISTS ${role}_${SUFFIX}`);
  await client.end();
});

/** The statements of a block, for the databases and roles of this test. */
function statements(name: string): string {
  const named = testedBlock('docs/operations.md', name).replace(/ON DATABASE (\w+)/g, (_, database: string) => {
    const target = { shop, warehouse, penstock: control }[database];
    return `ON DATABASE ${new URL(target?.url ?? '').pathname.slice(1)}`;
  });
  return ROLES.reduce((text, role) => text.replaceAll(new RegExp(`\\b${role}\\b`, 'g'), `${role}_${SUFFIX}`), named);
}

function urlFor(database: TestDatabase, role: (typeof ROLES)[number]): string {
  const url = new URL(database.url);
  url.username = `${role}_${SUFFIX}`;
  url.password = PASSWORD;
  return url.href;
}

function settingsFor(database: TestDatabase, role: (typeof ROLES)[number], schema: string) {
  const { hostname, port, pathname } = new URL(database.url);
  const username = `${role}_${SUFFIX}`;
  return { host: hostname, port: Number(port), username, password: PASSWORD, database: pathname.slice(1), schema };
}

describe('the grants of docs/operations.md', () => {
  it('for a source let a pipeline read, and nothing else', async () => {
    await shop.query(statements('source role'));
    const settings = settingsFor(shop, 'penstock_reader', 'public');
    const connector = findConnector('postgresql');
    if (connector.type !== 'Database') throw new Error('postgresql is a database');
    const { signal } = new AbortController();
    await connector.test(settings, signal);
    expect(await connector.query(settings, { query: 'SELECT * FROM users', limit: 1 }, signal)).toMatchObject({
      rows: [],
    });
    const reader = await connector.openSource(settings, 'SELECT * FROM users', connectionPools).open(null, signal);
    for await (const batch of reader.batches()) expect(batch.rows).toEqual([]);
    const client = new pg.Client({ connectionString: urlFor(shop, 'penstock_reader') });
    await client.connect();
    await expect(client.query(`INSERT INTO users VALUES ('1', 'a')`)).rejects.toThrow('permission denied');
    await client.end();
  });

  it('for a warehouse let runs import twice and purge, and analysts read', async () => {
    await warehouse.query(statements('warehouse role'));
    const settings = settingsFor(warehouse, 'penstock_writer', 'penstock');
    const platform = createWarehousePlatforms(warehousePools).get('PostgreSQL');
    const columns = COLUMNS;
    expect(await platform.check(settings)).toBeNull();
    await platform.initialize(settings, { workspace: 1, columns });
    await warehouse.query(statements('analyst role'));
    const target = { workspace: 1, connection: 1, pipeline: 1, columns, mapped: ['email'], onRefused: () => undefined };
    for (const [index, id] of ['a', 'b'].entries()) {
      const attempt = { ...target, run: index + 1, epoch: 1 };
      const started = await platform.open(settings).beginImport(attempt, new AbortController().signal);
      await started.stage([[id, '2026-01-01 00:00:00', `${id}@example.com`] as StagedRow]);
      const counts = { passed: [1, 1, 0, 1, 1, 0], failed: [0, 0, 0, 0, 0, 0] };
      const plan = { removeVanished: true, compareUpdatedAt: true, maxRemovedShare: 1, counts, cursor: null };
      expect(await started.publish(plan)).toMatchObject({ added: 1, removed: index });
      await started.close();
    }
    const analyst = new pg.Client({ connectionString: urlFor(warehouse, 'analyst') });
    await analyst.connect();
    const { rows } = await analyst.query('SELECT email FROM penstock.penstock_identities');
    expect(rows).toEqual([{ email: 'b@example.com' }]);
    await expect(analyst.query('DELETE FROM penstock.penstock_identities')).rejects.toThrow('permission denied');
    await analyst.end();
    await platform.purgePipeline(settings, 1);
  });

  it('for the control database let a process start runs, and not change the schema', async () => {
    await control.query(statements('control role'));
    const make = new ApiFactories(control, secrets);
    const workspace = await make.workspace();
    const pipeline = await make.pipeline(workspace);
    const database = createDatabase({ url: urlFor(control, 'penstock_app'), poolSize: 2, applicationName: 'test' });
    const request = { workspace, pipeline, incremental: null, trigger: 'api', requestedBy: null } as const;
    const run = await insertRun(database.pool, request);
    expect(await findRun(database, workspace, run)).toMatchObject({ status: 'queued' });
    expect(await database.prisma.workspace.count()).toBe(1);
    await expect(database.pool.query('DROP TABLE runs')).rejects.toThrow('must be owner');
    await database.close();
  });
});

describe('the statements for a restore', () => {
  it('raise the sequence of runs above what a warehouse has seen', async () => {
    const fences = testedBlock('docs/operations.md', 'fences').replace('penstock_fences', 'penstock.penstock_fences');
    expect(await warehouse.query(fences)).toEqual([{ coalesce: '2' }]);
    await control.query(testedBlock('docs/operations.md', 'sequence'));
    expect(await control.query(`SELECT nextval('runs_id_seq') AS next`)).toEqual([{ next: '123457' }]);
    await control.query(testedBlock('docs/operations.md', 'sequence'));
    expect(await control.query(`SELECT nextval('runs_id_seq') AS next`)).toEqual([{ next: '123458' }]);
  });

  it('raise the sequence of operations above what a warehouse has seen', async () => {
    const platform = createWarehousePlatforms(warehousePools).get('PostgreSQL');
    const settings = settingsFor(warehouse, 'penstock_writer', 'penstock');
    const request = { workspace: 1, columns: COLUMNS, identifiers: [], primarySources: {} };
    const operation = { id: 41, epoch: 1 };
    await platform.resolveIdentities(settings, { ...request, operation }, new AbortController().signal);
    const block = testedBlock('docs/operations.md', 'operations').replace('penstock_state', 'penstock.penstock_state');
    expect(await warehouse.query(block)).toEqual([{ coalesce: '41' }]);
    await control.query(testedBlock('docs/operations.md', 'operation sequence'));
    expect(await control.query(`SELECT nextval('warehouse_operations_id_seq') AS next`)).toEqual([{ next: '1235' }]);
  });
});

describe('the statement that releases a warehouse', () => {
  it('leaves nothing of a workspace, so that another one can have the schema', async () => {
    const platform = createWarehousePlatforms(warehousePools).get('PostgreSQL');
    const settings = settingsFor(warehouse, 'penstock_writer', 'penstock');
    const owner = { workspace: 2, columns: COLUMNS };
    await warehouse.query('DROP TABLE penstock.penstock_workspace; CREATE TABLE penstock.mine ()');
    await warehouse.query(
      'CREATE TABLE penstock.penstock_fingerprints_7 (); CREATE TABLE penstock.penstock_sent_7_1_1 ()',
    );
    await expect(platform.initialize(settings, owner)).rejects.toMatchObject({ code: 'WarehouseNotInitializable' });
    await warehouse.query(testedBlock('docs/operations.md', 'release'));
    const left = `SELECT tablename FROM pg_tables WHERE schemaname = 'penstock'`;
    expect(await warehouse.query(left)).toEqual([{ tablename: 'mine' }]);
    await platform.initialize(settings, owner);
  });
});

describe('the statement for keys in use', () => {
  it('counts settings by the key that they are encrypted under', async () => {
    const rows = await control.query<{ key: string; count: string }>(testedBlock('docs/operations.md', 'keys in use'));
    expect(rows).toEqual([
      { key: '2027', count: '1' },
      { key: '2027', count: '1' },
    ]);
  });
});
