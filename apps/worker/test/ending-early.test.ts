import { eventually, FaultProxy } from '@penstock/shared/testing';
import { cancelRun, deletePipeline, handBackRun, purgePipeline, retryRun } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';
import { SourceGate } from './support/source-gate.js';

let scenario: Scenario;
let gate: SourceGate;

const USERS = 500;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.createUsers(USERS, { bad: false });
  gate = new SourceGate(scenario.source);
});
afterEach(async () => {
  await gate.open();
  await scenario.killWorkers();
});
afterAll(() => scenario.dispose());

describe('SIGTERM', () => {
  it('hands a run that waits for its source back at once, and another worker continues it', async () => {
    const pipeline = await scenario.createPipeline();
    await gate.close();
    const run = await scenario.start(pipeline);
    const leaving = await scenario.worker();
    await gate.reached();
    leaving.signal('SIGTERM');
    await leaving.ended();
    expect(leaving.child.exitCode).toBe(0);
    expect(await scenario.run(run)).toMatchObject({
      status: 'queued',
      worker: null,
      lostAttempts: 0,
      retries: 0,
      endTime: null,
    });

    await gate.open();
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({
      epoch: 2,
      lostAttempts: 0,
      retries: 0,
      added: USERS,
    });
  });
});

describe('cancelling', () => {
  it('ends a run inside a source query that blocks, with the documented words, and publishes nothing', async () => {
    const pipeline = await scenario.createPipeline();
    await gate.close();
    const run = await scenario.start(pipeline);
    await scenario.worker();
    await gate.reached();
    await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'key test' });
    const ended = await scenario.runIn(run, 'cancelled');
    expect(ended).toMatchObject({ errorMessage: 'run was cancelled', cancelledBy: 'key test', added: null });
    expect(await scenario.identities(pipeline)).toEqual([]);
  });

  it('reaches a worker that cannot hear Redis, by its heartbeat', async () => {
    const pipeline = await scenario.createPipeline();
    await gate.close();
    const run = await scenario.start(pipeline);
    await scenario.worker();
    await gate.reached();
    await scenario.control.query('UPDATE runs SET cancel_requested_at = now() WHERE id = $1', [run]);
    await scenario.runIn(run, 'cancelled');
  });

  it('ends a run that no worker has had at once, and its job is outdated', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'key test' });
    expect(await scenario.run(run)).toMatchObject({ status: 'cancelled', errorMessage: 'run was cancelled', epoch: 0 });
    const next = await scenario.start(pipeline);
    await scenario.worker();
    await scenario.runIn(next, 'succeeded');
    expect(await scenario.run(run)).toMatchObject({ status: 'cancelled', epoch: 0 });
  });

  it('of a run that had published before it was asked leaves it succeeded', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'published' })).ended();
    await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'key test' });
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ added: USERS });
  });

  it('of a lost run that had not published ends it as cancelled, without reading the source again', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'staging' })).ended();
    await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'key test' });
    const next = await scenario.worker();
    await scenario.runIn(run, 'cancelled');
    expect(next.stages).not.toContain(`${run} opened`);
  });

  it('of an ended run is refused, and of an unknown one is not found', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    const { workspace } = scenario;
    await expect(cancelRun(scenario.deps, { workspace, run, by: 'x' })).rejects.toMatchObject({ code: 'RunNotLive' });
    await expect(cancelRun(scenario.deps, { workspace, run: 999_999, by: 'x' })).rejects.toMatchObject({
      code: 'NotFound',
    });
    await expect(cancelRun(scenario.deps, { workspace: workspace - 1, run, by: 'x' })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });
});

describe('retrying', () => {
  it('waits between attempts at a source that refuses connections, and succeeds when it is back', async () => {
    const pipeline = await scenario.createPipeline();
    const proxy = await FaultProxy.inFrontOf(scenario.source.url);
    proxy.goDown();
    await scenario.connectTo(proxy.url);
    const run = await scenario.start(pipeline);
    await scenario.worker();
    const waiting = await eventually('the run is tried again', async () => {
      const found = await scenario.run(run);
      return found !== undefined && found.retries > 0 && found;
    });
    expect(waiting).toMatchObject({ endTime: null, lostAttempts: 0, errorCode: 'SourceUnavailable' });
    proxy.recover();
    await scenario.runIn(run, 'succeeded');
    await scenario.restoreConnection();
    await scenario.killWorkers();
    await proxy.close();
  });

  it('ends the run after the last retry with an error that a user can act on', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.control.query('UPDATE connections SET settings = $1', [
      scenario.deps.secrets.encrypt(
        JSON.stringify({
          host: '127.0.0.1',
          port: 1,
          username: 'u',
          password: 'hunter2',
          database: 'd',
          schema: 'public',
        }),
      ),
    ]);
    const run = await scenario.start(pipeline);
    const worker = await scenario.worker();
    const ended = await scenario.runIn(run, 'failed');
    expect(ended).toMatchObject({ errorCode: 'SourceUnavailable', errorStep: 'Receive', retries: 3 });
    expect(ended.errorMessage).toContain('127.0.0.1');
    expect(ended.errorMessage + worker.log).not.toContain('hunter2');
    await scenario.restoreConnection();
  });

  it('by a user starts a new run of a failed one and of nothing else', async () => {
    const pipeline = await scenario.createPipeline({ definition: { query: 'SELECT * FROM nowhere' } });
    const run = await scenario.start(pipeline);
    await scenario.worker();
    const failed = await scenario.runIn(run, 'failed');
    expect(failed).toMatchObject({ errorCode: 'SourceRefused', retries: 0 });
    const { workspace } = scenario;
    const { id } = await retryRun(scenario.deps, { workspace, run, allowRemoval: false, requestedBy: 1 });
    expect(await scenario.runIn(id, 'failed')).toMatchObject({ trigger: 'retry' });
    const other = await scenario.createPipeline();
    const succeeded = await scenario.start(other);
    await scenario.runIn(succeeded, 'succeeded');
    await expect(
      retryRun(scenario.deps, { workspace, run: succeeded, allowRemoval: false, requestedBy: 1 }),
    ).rejects.toMatchObject({ code: 'RunNotRetryable' });
  });
});

describe('deleting a pipeline', () => {
  it('while it runs makes the run unknown, stops it, and purges what was imported', async () => {
    const pipeline = await scenario.createPipeline();
    const worker = await scenario.worker();
    await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    expect(await scenario.identities(pipeline)).toHaveLength(USERS);
    await gate.close();
    const run = await scenario.start(pipeline);
    await gate.reached();
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    expect(await scenario.run(run)).toBeUndefined();
    await worker.passed('settled', run);
    await eventually('the identities are purged', async () => (await scenario.identities(pipeline)).length === 0);
    await eventually(
      'the purge is forgotten',
      async () => (await scenario.control.query('SELECT FROM pending_purges')).length === 0,
    );
  });

  it('leaves a tombstone past which a stopped attempt cannot publish', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    const stopped = await scenario.worker({ signal: 'SIGSTOP', at: 'staged' });
    await stopped.halted();
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    await purgePipeline(scenario.deps, pipeline);
    stopped.signal('SIGCONT');
    await stopped.passed('settled', run);
    expect(await scenario.identities(pipeline)).toEqual([]);
    expect(
      await scenario.warehouse.query('SELECT tombstone FROM penstock_fences WHERE pipeline = $1', [pipeline]),
    ).toEqual([{ tombstone: true }]);
  });

  it('waits with the purge until the warehouse is in Normal mode', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.worker();
    await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    await scenario.control.query(`UPDATE workspaces SET warehouse_mode = 'Inspection'`);
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    await purgePipeline(scenario.deps, pipeline);
    expect(await scenario.identities(pipeline)).toHaveLength(USERS);
    await scenario.control.query(`UPDATE workspaces SET warehouse_mode = 'Normal'`);
    await eventually('the identities are purged', async () => (await scenario.identities(pipeline)).length === 0);
  });
});

describe('a final state', () => {
  it('never changes: a late owner writes nothing, and the database refuses it', async () => {
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await scenario.worker();
    const ended = await scenario.runIn(run, 'succeeded');
    expect(
      await handBackRun(
        scenario.deps,
        { run, epoch: ended.epoch },
        { reason: 'shutdown', delayMs: 0, error: null, mayBePublished: false },
      ),
    ).toBe(false);
    await expect(scenario.control.query(`UPDATE runs SET status = 'cancelled' WHERE id = $1`, [run])).rejects.toThrow(
      'a final state never changes',
    );
  });
});
