import { eventually } from '@penstock/shared/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptStage } from '../src/runtime/attempt.js';
import { Scenario } from './support/scenario.js';

let scenario: Scenario;

/** More than a chunk of staged rows: a worker stopped while staging has a table in the warehouse. */
const USERS = 20_000;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.createUsers(USERS, { bad: false });
});
afterEach(() => scenario.killWorkers());
afterAll(() => scenario.dispose());

/** The batch after which a chunk is on its way to the warehouse. */
const LATE_BATCH = 38;

function stagingTables(pipeline: number): Promise<unknown[]> {
  return scenario.warehouse.query(
    `SELECT FROM pg_class WHERE relname LIKE 'penstock_stage_' || $1 || '_%' AND relkind = 'r'`,
    [pipeline],
  );
}

/** What the warehouse and the run look like when nobody writes any more. */
async function traces(pipeline: number, run: number) {
  return {
    run: await scenario.run(run),
    rows: await scenario.warehouse.query(
      'SELECT _user_id, _run::text, xmin::text FROM penstock_identities WHERE _pipeline = $1 ORDER BY 1',
      [pipeline],
    ),
  };
}

describe('a worker stopped with SIGSTOP that wakes up after the takeover', () => {
  const stages: readonly AttemptStage[] = ['claimed', 'fenced', 'staging', 'staged', 'published'];

  it.each(stages)('at %s writes nothing and has blocked nobody', async (stage) => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    const stopped = await scenario.worker({
      signal: 'SIGSTOP',
      at: stage,
      count: stage === 'staging' ? LATE_BATCH : 1,
    });
    await stopped.halted();
    // Of a chunk that is on its way the server may still be creating the table.
    if (stage !== 'staging' && stage !== 'staged') expect(await stagingTables(pipeline)).toEqual([]);
    else await eventually('there is a staging table', async () => (await stagingTables(pipeline)).length === 1);

    await scenario.worker();
    const ended = await scenario.runIn(run, 'succeeded');
    expect(ended).toMatchObject({ epoch: 2, passed: [USERS, USERS, 0, USERS, USERS, USERS] });
    const before = await traces(pipeline, run);

    stopped.signal('SIGCONT');
    await stopped.passed('settled', run);
    expect(await traces(pipeline, run)).toEqual(before);
    const next = await scenario.start(pipeline);
    expect(await scenario.runIn(next, 'succeeded')).toMatchObject({
      unchanged: USERS,
      added: 0,
      changed: 0,
      removed: 0,
    });
  });

  it('inside its publish transaction, holding the fence, is pushed out by the next attempt', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.worker();
    await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    await scenario.killWorkers();
    await scenario.source.query(`UPDATE users SET email = 'new' || email WHERE id IN ('u1', 'u2')`);

    const blocker = new pg.Client({ connectionString: scenario.warehouse.url });
    await blocker.connect();
    await blocker.query(`BEGIN; LOCK TABLE penstock_identities IN SHARE MODE`);
    const run = await scenario.start(pipeline);
    const stopped = await scenario.worker();
    await stopped.passed('staged', run);
    await eventually('the publish waits for the lock', async () => {
      const [row] = await scenario.warehouse.query<{ waiting: boolean }>(
        `SELECT count(*) > 0 AS waiting FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
        [`penstock ${run}:1`],
      );
      return row?.waiting;
    });
    stopped.signal('SIGSTOP');
    await stopped.halted();
    await blocker.end();

    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 2, changed: 2, unchanged: USERS - 2 });
    const before = await traces(pipeline, run);
    stopped.signal('SIGCONT');
    await stopped.passed('settled', run);
    expect(await traces(pipeline, run)).toEqual(before);
    await scenario.source.query(`UPDATE users SET email = substr(email, 4) WHERE id IN ('u1', 'u2')`);
  });
});
