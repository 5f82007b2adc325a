import { eventually } from '@penstock/shared/testing';
import { sweepWarehouse } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptStage } from '../src/runtime/attempt.js';
import { Scenario } from './support/scenario.js';

let scenario: Scenario;
let undisturbed: {
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  readonly identities: unknown[];
};

/** More than a chunk of staged rows: a worker that is killed while staging leaves a table behind. */
const USERS = 20_000;
/** The batch after which a chunk is on its way to the warehouse. */
const LATE_BATCH = 38;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.createUsers(USERS);
  const pipeline = await scenario.createPipeline();
  const run = await scenario.start(pipeline);
  await scenario.worker();
  const { passed, failed } = await scenario.runIn(run, 'succeeded');
  undisturbed = { passed, failed, identities: await scenario.identities(pipeline) };
  await scenario.killWorkers();
});
afterEach(() => scenario.killWorkers());
afterAll(() => scenario.dispose());

describe('an undisturbed run', () => {
  it('counts every record once: it fails one step or passes all', () => {
    const bad = USERS / 100;
    const good = USERS - bad;
    expect(undisturbed.passed).toEqual([USERS, USERS, 0, USERS, good, good]);
    expect(undisturbed.failed).toEqual([0, 0, 0, 0, bad, 0]);
    expect(undisturbed.identities).toHaveLength(good);
  });
});

describe('a worker killed with SIGKILL', () => {
  const stages: readonly AttemptStage[] = ['claimed', 'fenced', 'opened', 'staging', 'staged', 'published', 'settling'];

  it.each(stages)('at %s loses and doubles nothing: the next attempt ends as an undisturbed run', async (stage) => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    const killed = await scenario.worker({ signal: 'SIGKILL', at: stage, count: stage === 'staging' ? LATE_BATCH : 1 });
    await killed.ended();
    expect(await scenario.run(run)).toMatchObject({ status: 'running', endTime: null });

    await scenario.worker();
    const ended = await scenario.runIn(run, 'succeeded');
    expect(ended).toMatchObject({ passed: undisturbed.passed, failed: undisturbed.failed, epoch: 2, lostAttempts: 1 });
    expect(ended).toMatchObject({ added: USERS - USERS / 100, changed: 0, removed: 0 });
    expect(await scenario.identities(pipeline)).toEqual(undisturbed.identities);
  });

  it('between publish and settle has published: the next attempt settles from the receipt and reads nothing', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'published' })).ended();
    const before = await scenario.warehouse.query('SELECT ctid, xmin FROM penstock_identities WHERE _pipeline = $1', [
      pipeline,
    ]);

    const next = await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    await next.passed('settled', run);
    expect(next.stages).not.toContain(`${run} opened`);
    expect(await scenario.errorGroups(run)).toMatchObject([{ step: 'OutputValidation', count: USERS / 100 }]);
    const after = await scenario.warehouse.query('SELECT ctid, xmin FROM penstock_identities WHERE _pipeline = $1', [
      pipeline,
    ]);
    expect(after).toEqual(before);
  });

  it('three times ends the run with an error that says so', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    for (let lost = 0; lost < 3; lost += 1) await (await scenario.worker({ signal: 'SIGKILL', at: 'opened' })).ended();
    await scenario.worker();
    const ended = await scenario.runIn(run, 'failed');
    expect(ended).toMatchObject({
      errorCode: 'RunLost',
      errorMessage: 'the run was lost by its worker too many times',
    });
    expect(await scenario.identities(pipeline)).toEqual([]);
  });

  it('is not needed for giving up a run that meets a later run in the warehouse: it ends the run with an error that says so', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.warehouse.query('INSERT INTO penstock_fences (pipeline, run, epoch) VALUES ($1, 999999, 1)', [
      pipeline,
    ]);
    const run = await scenario.start(pipeline);
    await scenario.worker();
    const ended = await scenario.runIn(run, 'failed');
    expect(ended).toMatchObject({ errorCode: 'RunLost', lostAttempts: 3 });
    expect(ended.errorMessage).toContain('later run of this pipeline');
  });

  it('while staging leaves nothing behind that a sweep does not drop', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'staged' })).ended();
    const leftovers = () =>
      scenario.warehouse.query(
        `SELECT relname FROM pg_class WHERE relname LIKE 'penstock_stage_' || $1 || '_%' AND relkind = 'r'`,
        [pipeline],
      );
    // The server may still be creating the table when its worker is gone.
    await eventually('there is a staging table', async () => (await leftovers()).length === 1);
    await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    await sweepWarehouse(scenario.deps, scenario.workspace);
    expect(await leftovers()).toEqual([]);
  });
});
