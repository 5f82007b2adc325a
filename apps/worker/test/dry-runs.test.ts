import { NO_COUNTS } from '@penstock/domain';
import { connectionSettings, createEmptyDatabase, eventually, type TestDatabase } from '@penstock/shared/testing';
import { claimDryRun, endDryRun, getDryRun, requestDryRun } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFINITION, profileProperties, Scenario } from './support/scenario.js';
import { SourceGate } from './support/source-gate.js';

const USERS = 3_000;
const BAD = USERS / 100;

let scenario: Scenario;
let destination: TestDatabase;
let gate: SourceGate;

beforeAll(async () => {
  scenario = await Scenario.create({ runOnBatchImport: false });
  destination = await createEmptyDatabase();
  gate = new SourceGate(scenario.source);
  await scenario.createUsers(USERS);
});
afterEach(async () => {
  await gate.open();
  await scenario.killWorkers();
});
afterAll(async () => {
  await scenario.dispose();
  await destination.drop();
});

async function request(pipeline: number): Promise<number> {
  const { workspace, deps } = scenario;
  const wish = { incremental: null, full: null, requestedBy: 1 };
  return (await requestDryRun(deps, { workspace, pipeline, ...wish })).id;
}

function found(dryRun: number) {
  const { workspace, deps } = scenario;
  return getDryRun(deps, { workspace, dryRun });
}

async function ended(dryRun: number) {
  return eventually('the dry run has ended', async () => {
    const answer = await found(dryRun);
    return answer.endTime !== null && answer;
  });
}

async function ownerOf(dryRun: number): Promise<Record<string, unknown> | undefined> {
  const [owner] = await scenario.control.query('SELECT status, epoch FROM dry_runs WHERE id = $1', [dryRun]);
  return owner;
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
    await scenario.source.query('CREATE TABLE colleagues AS SELECT * FROM users WHERE logins = 7');
    const pipeline = await scenario.createPipeline();
    await gate.close();
    const dry = await request(pipeline);
    await scenario.worker();
    await gate.reached();
    await expect(request(pipeline)).rejects.toMatchObject({ code: 'DryRunInProgress' });
    const definition = { ...DEFINITION, query: 'SELECT * FROM colleagues', updatedAtColumn: null };
    await scenario.control.query(
      'INSERT INTO pipeline_versions (pipeline_id, version, definition) VALUES ($1, 2, $2)',
      [pipeline, definition],
    );
    await scenario.control.query('UPDATE pipelines SET version = 2 WHERE id = $1', [pipeline]);
    expect((await scenario.runIn(await scenario.start(pipeline), 'succeeded')).added).toBeGreaterThan(0);
    expect(await found(dry)).toMatchObject({ status: 'running', endTime: null });
    await gate.open();
    expect(await ended(dry)).toMatchObject({ status: 'succeeded' });
    const runs = await scenario.control.query('SELECT id FROM runs WHERE pipeline_id = $1', [pipeline]);
    expect(runs).toHaveLength(1);
  });

  it('is kept with the nineteen before it', async () => {
    const pipeline = await scenario.createPipeline();
    const asked: number[] = [];
    const { deps } = scenario;
    const error = { code: 'SourceRefused', step: 'Receive', message: 'no' } as const;
    const end = { counts: NO_COUNTS, failures: [], outcome: null, error };
    for (let count = 0; count < 22; count += 1) {
      asked.push(await request(pipeline));
      await claimDryRun(deps, asked[count] ?? 0);
      await endDryRun(deps, { dryRun: asked[count] ?? 0, epoch: 1 }, end);
    }
    const kept = await scenario.control.query<{ id: number }>(
      'SELECT id::float8 AS id FROM dry_runs WHERE pipeline_id = $1 ORDER BY id',
      [pipeline],
    );
    expect(kept.map(({ id }) => id)).toEqual(asked.slice(-20));
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
    await gate.close();
    const dry = await request(pipeline);
    const first = await scenario.worker();
    await gate.reached();
    expect(await ownerOf(dry)).toEqual({ status: 'running', epoch: 1 });
    first.signal('SIGTERM');
    await first.ended();
    expect(first.child.exitCode).toBe(0);
    expect(await ownerOf(dry)).toEqual({ status: 'queued', epoch: 1 });
    await gate.open();
    await scenario.worker();
    expect(await ended(dry)).toMatchObject({ status: 'succeeded' });
    expect(await ownerOf(dry)).toEqual({ status: 'succeeded', epoch: 2 });
  });

  it('ends with an error that says so when it was killed', async () => {
    const pipeline = await scenario.createPipeline();
    await gate.close();
    const dry = await request(pipeline);
    const first = await scenario.worker();
    await gate.reached();
    await first.kill();
    await gate.open();
    expect(await ownerOf(dry)).toEqual({ status: 'running', epoch: 1 });
    await scenario.control.query(`UPDATE dry_runs SET heartbeat_at = now() - interval '5 minutes' WHERE id = $1`, [
      dry,
    ]);
    await scenario.worker();
    expect(await ended(dry)).toMatchObject({ status: 'failed', outcome: null, error: { code: 'RunLost' } });
    // Another can be asked for.
    expect(await ended(await request(pipeline))).toMatchObject({ status: 'succeeded' });
  });
});

describe('a dry run of an export', () => {
  it('counts what would be sent, and sends nothing', async () => {
    await destination.query('CREATE TABLE people (email text PRIMARY KEY, country text)');
    const connection = await scenario.createConnection('postgresql', connectionSettings(destination.url));
    const outProperties = ['email', 'country'].map((name) => ({
      name,
      type: { kind: 'string' },
      nullable: true,
      description: '',
    }));
    const pipeline = await scenario.createDefined(connection, {
      ...{ kind: 'export-to-database', tableName: 'people', tableKey: 'email', onLeave: 'keep', filter: null },
      inSchema: profileProperties('email', 'country'),
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
