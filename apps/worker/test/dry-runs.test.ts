import { connectionSettings, createEmptyDatabase, eventually, type TestDatabase } from '@penstock/shared/testing';
import { getDryRun, requestDryRun } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROFILE_SCHEMA, Scenario } from './support/scenario.js';

const USERS = 3_000;
const BAD = USERS / 100;

let scenario: Scenario;
let destination: TestDatabase;

beforeAll(async () => {
  scenario = await Scenario.create();
  destination = await createEmptyDatabase();
  await scenario.createUsers(USERS);
});
afterEach(() => scenario.killWorkers());
afterAll(async () => {
  await scenario.dispose();
  await destination.drop();
});

async function request(pipeline: number): Promise<number> {
  const { workspace, deps } = scenario;
  const wish = { incremental: null, full: null, requestedBy: 1 };
  return (await requestDryRun(deps, { workspace, pipeline, ...wish })).id;
}

async function ended(dryRun: number) {
  const { workspace, deps } = scenario;
  return eventually('the dry run has ended', async () => {
    const found = await getDryRun(deps, { workspace, dryRun });
    return found.endTime !== null && found;
  });
}

/** Everything that a dry run must leave as it is. */
async function warehouseState(): Promise<unknown> {
  const tables = await scenario.warehouse.query(
    `SELECT relname FROM pg_class WHERE relname LIKE 'penstock%' AND relkind IN ('r', 'p') ORDER BY relname`,
  );
  const identities = await scenario.warehouse.query(
    'SELECT count(*)::int AS count, sum(logins)::int FROM penstock_identities',
  );
  return { tables, identities };
}

describe('a dry run of an import', () => {
  it('counts exactly what the run then does, and writes nothing', async () => {
    const pipeline = await scenario.createPipeline({ maxRemovedShare: 1 });
    const before = await warehouseState();
    await scenario.worker();
    const dry = await ended(await request(pipeline));
    expect(dry.error).toBeNull();
    expect(dry.outcome).toEqual({
      ...{ added: USERS - BAD, changed: 0, unchanged: 0, removed: 0, rejected: BAD, merged: 0, notice: null },
    });
    expect(await warehouseState()).toEqual(before);
    const run = await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    expect(run).toMatchObject({ added: USERS - BAD, changed: 0, unchanged: 0, removed: 0 });
    expect(dry.steps.map(({ passed }) => passed)).toEqual(run.passed);
    expect(dry.steps.map(({ failed }) => failed)).toEqual(run.failed);
    expect(dry.errors).toEqual(await scenario.errorGroups(run.id));
  });

  it('knows what has changed and what is gone, and moves no cursor', async () => {
    const pipeline = await scenario.createPipeline({ maxRemovedShare: 1 });
    await scenario.worker();
    await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    await scenario.source.query(`DELETE FROM users WHERE id IN ('u1', 'u2', 'u3')`);
    await scenario.source.query(`UPDATE users SET logins = logins + 1 WHERE id IN ('u5', 'u6')`);
    const cursor = await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline]);
    const dry = await ended(await request(pipeline));
    expect(dry.outcome).toMatchObject({ added: 0, changed: 2, unchanged: USERS - BAD - 5, removed: 3 });
    expect(await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline])).toEqual(cursor);
    const run = await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    expect(run).toMatchObject({ added: 0, changed: 2, unchanged: USERS - BAD - 5, removed: 3 });
  });

  it('holds no run up, and is one at a time', async () => {
    const pipeline = await scenario.createPipeline();
    const dry = await request(pipeline);
    await expect(request(pipeline)).rejects.toMatchObject({ code: 'DryRunInProgress' });
    const run = await scenario.start(pipeline);
    await scenario.worker();
    await Promise.all([ended(dry), scenario.runIn(run, 'succeeded')]);
    const runs = await scenario.control.query('SELECT id FROM runs WHERE pipeline_id = $1', [pipeline]);
    expect(runs).toHaveLength(1);
  });

  it('says what is wrong in the words of a run', async () => {
    const pipeline = await scenario.createPipeline({ definition: { query: 'SELECT * FROM nowhere' } });
    await scenario.worker();
    const dry = await ended(await request(pipeline));
    expect(dry).toMatchObject({ status: 'failed', outcome: null, error: { code: 'SourceRefused', step: 'Receive' } });
    expect(dry.error?.message).toContain('nowhere');
  });
});

describe('a dry run whose worker dies', () => {
  it('goes to another worker when it was told to stop', async () => {
    const pipeline = await scenario.createPipeline();
    const dry = await request(pipeline);
    const first = await scenario.worker();
    first.signal('SIGTERM');
    await first.ended();
    await scenario.worker();
    expect(await ended(dry)).toMatchObject({ status: 'succeeded' });
  });

  it('ends with an error that says so when it was killed', async () => {
    const pipeline = await scenario.createPipeline();
    const dry = await request(pipeline);
    await scenario.control.query(
      `UPDATE dry_runs SET status = 'running', epoch = 1, start_time = now(), heartbeat_at = now() - interval '5 minutes' WHERE id = $1`,
      [dry],
    );
    await scenario.worker();
    expect(await ended(dry)).toMatchObject({ status: 'failed', error: { code: 'RunLost' } });
  });
});

describe('a dry run of an export', () => {
  it('counts what would be sent, and sends nothing', async () => {
    await destination.query('CREATE TABLE people (email text PRIMARY KEY, country text)');
    const connection = await scenario.createConnection('postgresql', connectionSettings(destination.url));
    const properties = PROFILE_SCHEMA.properties.filter(({ name }) => ['email', 'country'].includes(name));
    const outProperties = ['email', 'country'].map((name) => ({
      name,
      type: { kind: 'string' },
      nullable: true,
      description: '',
    }));
    const pipeline = await scenario.createDefined(connection, {
      ...{ kind: 'export-to-database', tableName: 'people', tableKey: 'email', onLeave: 'keep', filter: null },
      inSchema: { kind: 'object', properties },
      outSchema: { kind: 'object', properties: outProperties },
      transformation: { mapping: { email: 'email', country: 'country' } },
    });
    await scenario.worker();
    await scenario.runIn(await scenario.start(await scenario.createPipeline()), 'succeeded');
    await scenario.resolve();
    const [profiles] = await scenario.warehouse.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM penstock_profiles',
    );
    const count = profiles?.count ?? 0;
    expect(count).toBeGreaterThan(1000);
    const dry = await ended(await request(pipeline));
    expect(dry.error).toBeNull();
    expect(dry.outcome).toMatchObject({ added: count, changed: 0, unchanged: 0, removed: 0, rejected: 0 });
    expect(await destination.query('SELECT FROM people')).toEqual([]);
    const run = await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    expect(run).toMatchObject({ added: count });
    expect(dry.steps.map(({ passed }) => passed)).toEqual(run.passed);
    const again = await ended(await request(pipeline));
    expect(again.outcome).toMatchObject({ added: 0, changed: 0, unchanged: count });
  });
});
