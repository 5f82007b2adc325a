import type { DatabaseExportDefinition } from '@penstock/domain';
import { connectionSettings, createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { sweepWarehouse } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptStage } from '../src/runtime/attempt.js';
import { profileProperties, Scenario } from './support/scenario.js';

const USERS = 12_000;

let scenario: Scenario;
let destination: TestDatabase;
let database: number;

beforeAll(async () => {
  scenario = await Scenario.withProfiles(USERS);
  destination = await createEmptyDatabase();
  database = await scenario.createConnection('postgresql', connectionSettings(destination.url));
});
afterEach(() => scenario.killWorkers());
afterAll(async () => {
  await scenario.dispose();
  await destination.drop();
});

const column = (name: string, type: Record<string, unknown>) => ({ name, type, nullable: true, description: '' });

const TABLE_EXPORT: DatabaseExportDefinition = {
  kind: 'export-to-database',
  tableName: 'people',
  tableKey: 'email',
  onLeave: 'keep',
  filter: null,
  inSchema: profileProperties('email', 'country', 'value', 'logins'),
  outSchema: {
    kind: 'object',
    properties: [
      { name: 'email', type: { kind: 'string' }, createRequired: true, description: '' },
      column('country', { kind: 'string' }),
      column('value', { kind: 'decimal', precision: 10, scale: 2 }),
      column('logins', { kind: 'int', bitSize: 32 }),
    ],
  },
  transformation: { mapping: { email: 'email', country: 'country', value: 'value', logins: 'logins' } },
};

/** Four fifths of the profiles. */
const MOST: DatabaseExportDefinition['filter'] = {
  logical: 'and',
  conditions: [{ property: 'logins', operator: 'is less than', values: ['400'] }],
};

async function createTable(name: string, ...constraints: string[]): Promise<void> {
  await destination.query(`DROP TABLE IF EXISTS ${name}`);
  const columns = [
    'email text PRIMARY KEY',
    'country text',
    'value numeric(10,2)',
    'logins integer',
    "note text DEFAULT 'own'",
  ];
  await destination.query(`CREATE TABLE ${name} (${[...columns, ...constraints].join(', ')})`);
}

function rowsOf(name: string): Promise<Record<string, unknown>[]> {
  return destination.query(`SELECT * FROM ${name} ORDER BY email COLLATE "C"`);
}

async function createTableExport(name: string, definition: Partial<DatabaseExportDefinition> = {}): Promise<number> {
  return scenario.createDefined(database, { ...TABLE_EXPORT, tableName: name, ...definition });
}

/** Gives a pipeline another version, whose definition differs in some members. */
async function redefine(
  pipeline: number,
  version: number,
  definition: Partial<DatabaseExportDefinition>,
): Promise<void> {
  await scenario.control.query('INSERT INTO pipeline_versions (pipeline_id, version, definition) VALUES ($1, $2, $3)', [
    ...[pipeline, version, { ...TABLE_EXPORT, ...definition }],
  ]);
  await scenario.control.query('UPDATE pipelines SET version = $2 WHERE id = $1', [pipeline, version]);
}

async function run(pipeline: number, options: { readonly full?: boolean } = {}) {
  return scenario.runIn(await scenario.start(pipeline, options), 'succeeded');
}

const ALL_PASSED = [USERS, USERS, 0, USERS, USERS, USERS];
const NONE = [0, 0, 0, 0, 0, 0];

describe('an export to a table', () => {
  it('writes every profile once and counts it at every step but the filter', async () => {
    await createTable('first');
    const pipeline = await createTableExport('first');
    await scenario.worker();
    const ended = await run(pipeline);
    expect(ended).toMatchObject({
      passed: ALL_PASSED,
      failed: NONE,
      added: USERS,
      changed: 0,
      unchanged: 0,
      removed: 0,
    });
    const profiles = await scenario.warehouse.query(
      `SELECT email, country, value, logins, 'own' AS note FROM penstock_profiles ORDER BY email COLLATE "C"`,
    );
    expect(await rowsOf('first')).toEqual(profiles);
  });

  it('sends only what has changed, and everything when it is asked to', async () => {
    await createTable('again');
    const pipeline = await createTableExport('again');
    await scenario.worker();
    await run(pipeline);
    await destination.query(`UPDATE again SET country = 'elsewhere', note = 'kept'`);
    await scenario.warehouse.query(
      `UPDATE penstock_profiles SET logins = 1000000, _revision = _revision + 1 WHERE email IN ('user7@example.com', 'user8@example.com')`,
    );
    const changed = await run(pipeline);
    expect(changed).toMatchObject({ passed: ALL_PASSED, failed: NONE, added: 0, changed: 2, unchanged: USERS - 2 });
    const [sent] = await destination.query(`SELECT country, note FROM again WHERE email = 'user7@example.com'`);
    expect(sent).toEqual({ country: 'HX', note: 'kept' });
    const untouched = await destination.query(`SELECT count(*)::int AS count FROM again WHERE country = 'elsewhere'`);
    expect(untouched).toEqual([{ count: USERS - 2 }]);

    const full = await run(pipeline, { full: true });
    expect(full).toMatchObject({ passed: ALL_PASSED, added: 0, changed: USERS, unchanged: 0 });
    expect(await destination.query(`SELECT FROM again WHERE country = 'elsewhere'`)).toEqual([]);
  });

  it('lets a row that the table refuses fail alone, with the words of the database', async () => {
    await createTable('picky', 'CHECK (logins <> 77)');
    const pipeline = await createTableExport('picky');
    await scenario.worker();
    const ended = await run(pipeline);
    const bad = await scenario.warehouse.query('SELECT _id FROM penstock_profiles WHERE logins = 77');
    expect(bad.length).toBeGreaterThan(0);
    expect(ended.failed).toEqual([0, 0, 0, 0, 0, bad.length]);
    expect(ended.passed).toEqual([USERS, USERS, 0, USERS, USERS, USERS - bad.length]);
    const [group] = await scenario.errorGroups(ended.id);
    expect(group).toMatchObject({ step: 'Finalize', count: bad.length });
    expect(group?.message).toContain('picky_logins_check');
    expect(await destination.query('SELECT FROM picky')).toHaveLength(USERS - bad.length);
  });

  it('fails profiles with the same key, all of them, and names both', async () => {
    await createTable('alike');
    const pipeline = await createTableExport('alike', {
      inSchema: profileProperties('email', 'country'),
      outSchema: { kind: 'object', properties: outProperties('email', 'country') },
      transformation: {
        function: {
          ...{
            language: 'JavaScript',
            preserveJSON: false,
            inPaths: ['email', 'country'],
            outPaths: ['country', 'email'],
          },
          source: `function transform(user) { return { country: user.country, email: user.email === 'user1@example.com' ? 'user2@example.com' : user.email } }`,
        },
      },
    });
    await scenario.worker();
    const ended = await run(pipeline);
    expect(ended).toMatchObject({ failed: [0, 0, 0, 0, 0, 2], passed: [USERS, USERS, 0, USERS, USERS, USERS - 2] });
    const ids = await scenario.warehouse.query<{ id: string }>(
      `SELECT _id::text AS id FROM penstock_profiles WHERE email IN ('user1@example.com', 'user2@example.com')`,
    );
    const groups = await scenario.errorGroups(ended.id);
    expect(groups).toHaveLength(2);
    for (const { message } of groups) for (const { id } of ids) expect(message).toContain(id);
    expect(await destination.query(`SELECT FROM alike WHERE email = 'user2@example.com'`)).toEqual([]);
  });

  it('leaves what has left the audience, or deletes it when the pipeline says so', async () => {
    await createTable('audience');
    const pipeline = await createTableExport('audience', { onLeave: 'delete' });
    await scenario.worker();
    await run(pipeline);
    await redefine(pipeline, 2, { tableName: 'audience', onLeave: 'delete', filter: MOST });
    const [staying] = await scenario.warehouse.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM penstock_profiles WHERE logins < 400',
    );
    const ended = await run(pipeline);
    const stay = staying?.count ?? 0;
    expect(ended).toMatchObject({ removed: USERS - stay, failed: NONE });
    expect(ended.passed[5]).toBe(stay);
    expect(await destination.query('SELECT FROM audience')).toHaveLength(stay);
  });

  it('counts what an attempt that died has removed', async () => {
    await createTable('leaving');
    const pipeline = await createTableExport('leaving', { onLeave: 'delete' });
    await scenario.worker();
    await run(pipeline);
    await scenario.killWorkers();
    await redefine(pipeline, 2, { tableName: 'leaving', onLeave: 'delete', filter: MOST });
    const id = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'sent' })).ended();
    const stay = (await destination.query('SELECT FROM leaving')).length;
    expect(stay).toBeLessThan(USERS);
    await scenario.worker();
    expect(await scenario.runIn(id, 'succeeded')).toMatchObject({ epoch: 2, removed: USERS - stay });
  });

  it('sends everything when the same values go to another column, or to another table, of which nothing is known', async () => {
    await createTable('here');
    await createTable('there');
    const pipeline = await createTableExport('here');
    await scenario.worker();
    await run(pipeline);
    const { mapping } = TABLE_EXPORT.transformation as { readonly mapping: Readonly<Record<string, string>> };
    const renamed = {
      outSchema: {
        kind: 'object',
        properties: [...outProperties('email', 'value', 'logins'), column('note', { kind: 'string' })],
      },
      transformation: { mapping: { email: 'email', value: 'value', logins: 'logins', note: mapping.country ?? '' } },
    };
    await redefine(pipeline, 2, { tableName: 'here', ...renamed });
    expect(await run(pipeline)).toMatchObject({ passed: ALL_PASSED, added: 0, changed: USERS, unchanged: 0 });
    expect(await destination.query('SELECT FROM here WHERE note = country')).toHaveLength(USERS);
    expect(await run(pipeline)).toMatchObject({ passed: ALL_PASSED, changed: 0, unchanged: USERS });

    await redefine(pipeline, 3, { tableName: 'there', onLeave: 'delete', ...renamed });
    expect(await run(pipeline)).toMatchObject({
      passed: ALL_PASSED,
      added: USERS,
      changed: 0,
      unchanged: 0,
      removed: 0,
    });
    expect(await destination.query('SELECT FROM there')).toHaveLength(USERS);
    expect(await destination.query('SELECT FROM here')).toHaveLength(USERS);
  });

  it('counts a profile once that fails before another one takes its key, and fails the other one', async () => {
    await createTable('rivals');
    const two = {
      ...{ tableName: 'rivals', inSchema: profileProperties('email', 'country') },
      outSchema: { kind: 'object', properties: outProperties('email', 'country') },
    };
    const pipeline = await createTableExport('rivals', {
      ...{ ...two, transformation: { mapping: { email: 'email', country: 'country' } } },
    });
    await scenario.worker();
    await run(pipeline);
    await redefine(pipeline, 2, {
      ...two,
      transformation: {
        function: {
          ...{
            language: 'JavaScript',
            preserveJSON: false,
            inPaths: ['email', 'country'],
            outPaths: ['country', 'email'],
          },
          source: `const emails = { 'user1@example.com': null, 'user2@example.com': 'user1@example.com' };
            function transform({ email, country }) { return { country, ...(email in emails ? (emails[email] && { email: emails[email] }) : { email }) } }`,
        },
      },
    });
    const ended = await run(pipeline);
    expect(ended).toMatchObject({
      failed: [0, 1, 0, 0, 0, 1],
      passed: [USERS, USERS - 1, 0, USERS - 1, USERS - 1, USERS - 2],
    });
    const [first] = await scenario.warehouse.query<{ id: string }>(
      `SELECT _id::text AS id FROM penstock_profiles WHERE email = 'user1@example.com'`,
    );
    const groups = await scenario.errorGroups(ended.id);
    expect(groups.map(({ code }) => code).toSorted()).toEqual(['DuplicateKey', 'KeyMissing']);
    expect(groups.find(({ code }) => code === 'DuplicateKey')?.message).toContain(first?.id);
    expect(await destination.query('SELECT FROM rivals')).toHaveLength(USERS);
  });

  it('refuses a table that lacks a column, before anything is written', async () => {
    await createTable('drifted');
    await destination.query('ALTER TABLE drifted DROP COLUMN country');
    const pipeline = await createTableExport('drifted');
    await scenario.worker();
    const ended = await scenario.runIn(await scenario.start(pipeline), 'failed');
    expect(ended).toMatchObject({ errorCode: 'SchemaDrift', errorStep: 'OutputValidation' });
    expect(ended.errorMessage).toContain('country');
    expect(await destination.query('SELECT FROM drifted')).toEqual([]);
  });
});

function outProperties(...names: string[]) {
  const { properties } = TABLE_EXPORT.outSchema as { readonly properties: readonly { readonly name: string }[] };
  return properties.filter(({ name }) => names.includes(name));
}

describe('a worker killed with SIGKILL during an export to a table', () => {
  const stages: readonly AttemptStage[] = [
    'fenced',
    'opened',
    'staging',
    'staged',
    'sending',
    'sent',
    'published',
    'settling',
  ];

  it.each(stages)('at %s loses and doubles nothing: rows and counts are those of an undisturbed run', async (stage) => {
    const table = `killed_${stage}`;
    await createTable(table);
    const pipeline = await createTableExport(table);
    const id = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: stage })).ended();
    await scenario.worker();
    const ended = await scenario.runIn(id, 'succeeded');
    expect(ended).toMatchObject({ passed: ALL_PASSED, failed: NONE, added: USERS, changed: 0, unchanged: 0, epoch: 2 });
    const profiles = await scenario.warehouse.query(
      `SELECT email, country, value, logins, 'own' AS note FROM penstock_profiles ORDER BY email COLLATE "C"`,
    );
    expect(await rowsOf(table)).toEqual(profiles);
  });

  it('leaves nothing in the warehouse that a sweep does not drop', async () => {
    await createTable('swept');
    const pipeline = await createTableExport('swept');
    const id = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'staged' })).ended();
    await scenario.worker();
    await scenario.runIn(id, 'succeeded');
    await sweepWarehouse(scenario.deps, scenario.workspace);
    const left = await scenario.warehouse.query(
      `SELECT relname FROM pg_class WHERE relname ~ ('^penstock_[a-z]+_' || $1::text || '_[0-9]+_[0-9]+$') AND relkind = 'r'`,
      [pipeline],
    );
    expect(left).toEqual([]);
  });
});

describe('a worker that stands still during an export to a table', () => {
  it('writes nothing any more when it wakes up after it was taken over', async () => {
    await createTable('frozen');
    const pipeline = await createTableExport('frozen');
    const id = await scenario.start(pipeline);
    const frozen = await scenario.worker({ signal: 'SIGSTOP', at: 'staged' });
    await frozen.halted();
    const successor = await scenario.worker();
    const ended = await scenario.runIn(id, 'succeeded');
    await successor.passed('settled', id);
    expect(ended).toMatchObject({ added: USERS, epoch: 2 });
    await destination.query(`UPDATE frozen SET country = 'later'`);
    frozen.signal('SIGCONT');
    await frozen.passed('settled', id);
    expect(await destination.query(`SELECT FROM frozen WHERE country <> 'later'`)).toEqual([]);
  });
});
