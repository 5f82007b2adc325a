import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRedis } from '@penstock/shared/platform';
import { createQueues, listSchedulers } from '@penstock/shared/queues';
import { eventually, FaultProxy } from '@penstock/shared/testing';
import { setPipelineSchedule } from '@penstock/shared/use-cases';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis } from '../../../scripts/services/redis.mjs';
import { QUICK, Scenario } from './support/scenario.js';

let scenario: Scenario;
let blocker: pg.Client;

const USERS = 500;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.createUsers(USERS, { bad: false });
});
afterEach(async () => {
  await blocker?.end();
  await scenario.killWorkers();
});
afterAll(() => scenario.dispose());

/** Starts a run and holds it where it reads its source; resolves with what lets it go on. */
async function holdRun(env: NodeJS.ProcessEnv = {}) {
  blocker = new pg.Client({ connectionString: scenario.source.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const run = await scenario.start(await scenario.createPipeline());
  const worker = await scenario.worker(undefined, env);
  await worker.passed('fenced', run);
  return { run, worker, release: () => blocker.query('COMMIT') };
}

/** Waits for the heartbeat to go on: the worker lives and knows its run. */
async function nextHeartbeat(run: number): Promise<void> {
  const before = (await scenario.run(run))?.heartbeatAt;
  await eventually(
    'the next heartbeat',
    async () => (await scenario.run(run))?.heartbeatAt?.getTime() !== before?.getTime(),
  );
}

describe('Redis emptied', () => {
  it('in the middle of a run loses nothing', async () => {
    const { run, release } = await holdRun();
    await scenario.redis.empty();
    await release();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1, lostAttempts: 0, added: USERS });
  });

  it('before a queued run was taken loses nothing: recovery adds the job again', async () => {
    const run = await scenario.start(await scenario.createPipeline());
    await scenario.redis.empty();
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1 });
  });

  it('with schedules gets them back from PostgreSQL, and loses those that are not there any more', async () => {
    const { workspace } = scenario;
    const pipeline = await scenario.createPipeline();
    await setPipelineSchedule(scenario.deps, { workspace, pipeline, period: '1h' });
    const before = await listSchedulers(scenario.deps.queues);
    expect(before).toHaveLength(1);
    await scenario.redis.empty();
    await scenario.deps.queues.ticks.upsertJobScheduler(
      'pipeline-1',
      { every: 3_600_000, offset: 5 },
      { name: 'tick', data: {} },
    );
    await scenario.worker();
    const after = await eventually('the scheduler is back', async () => {
      const schedulers = await listSchedulers(scenario.deps.queues);
      return schedulers.length === 1 && schedulers[0]?.id === `pipeline-${pipeline}` && schedulers;
    });
    expect(after).toEqual(before);
    await setPipelineSchedule(scenario.deps, { workspace, pipeline, period: null });
  });
});

describe('a Redis server', () => {
  let directory: string;
  let server: Awaited<ReturnType<typeof startRedis>>;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'penstock-redis-'));
    server = await startRedis({ directory, persistent: false });
  });
  afterEach(async () => {
    await scenario.killWorkers();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  /** Everything that this server has, by one command. */
  async function flushAll(): Promise<void> {
    const client = createRedis(server.url, { role: 'worker' });
    await client.flushall();
    client.disconnect();
  }

  /** Kills the server and starts an empty one in its place. */
  async function restart(): Promise<void> {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = await startRedis({ directory, persistent: false });
  }

  /** The job schedulers on this server, by pipeline. */
  async function schedulers() {
    const redis = createRedis(server.url, { role: 'worker' });
    const queues = createQueues({ redis, prefix: scenario.redis.prefix });
    const found = await listSchedulers(queues);
    await queues.close();
    redis.disconnect();
    return found;
  }

  it.each([
    ['flushed by FLUSHALL', flushAll],
    ['killed and started again empty', restart],
  ])('%s in the middle of a run, with a schedule, loses neither', async (_what, lose) => {
    const { workspace } = scenario;
    const scheduled = await scenario.createPipeline();
    await setPipelineSchedule(scenario.deps, { workspace, pipeline: scheduled, period: '1h' });
    const { run, release } = await holdRun({ REDIS_URL: server.url });
    const before = await eventually('the schedule is in Redis', async () => {
      const found = await schedulers();
      return found.length === 1 && found;
    });
    await lose();
    await release();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1, lostAttempts: 0, added: USERS });
    const next = await scenario.start(await scenario.createPipeline());
    expect(await scenario.runIn(next, 'succeeded')).toMatchObject({ epoch: 1, added: USERS });
    const after = await eventually('the schedule is back in Redis', async () => {
      const found = await schedulers();
      return found.length === 1 && found;
    });
    expect(after).toEqual(before);
    await setPipelineSchedule(scenario.deps, { workspace, pipeline: scheduled, period: null });
  });
});

describe('Redis away', () => {
  it('in the middle of a run aborts nothing, and the worker works on when it is back', async () => {
    const proxy = await FaultProxy.inFrontOf(scenario.redis.url);
    const { run, release } = await holdRun({ REDIS_URL: proxy.url });
    proxy.goDown();
    await nextHeartbeat(run);
    await nextHeartbeat(run);
    await release();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1, lostAttempts: 0 });
    proxy.recover();
    const next = await scenario.start(await scenario.createPipeline());
    await scenario.runIn(next, 'succeeded');
    await scenario.killWorkers();
    await proxy.close();
  });
});

describe('the control database away for longer than the stale time', () => {
  it.each(['freeze', 'goDown'] as const)('(%s) lets healthy runs go on', async (fault) => {
    const proxy = await FaultProxy.inFrontOf(scenario.control.url);
    const { run, release } = await holdRun({ DATABASE_URL: proxy.url });
    await nextHeartbeat(run);
    proxy[fault]();
    const since = (await scenario.run(run))?.heartbeatAt?.getTime() ?? 0;
    await eventually('the outage lasts longer than the stale time', async () => {
      const [row] = await scenario.control.query<{ ms: number }>(
        'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
      );
      return row !== undefined && row.ms - since > QUICK.staleAfterMs * 2;
    });
    await release();
    proxy.recover();
    const ended = await scenario.runIn(run, 'succeeded');
    expect(ended).toMatchObject({ epoch: 1, lostAttempts: 0, retries: 0, added: USERS });
    await scenario.killWorkers();
    await proxy.close();
  });

  it('while a run is being settled delays its end and loses nothing', async () => {
    const proxy = await FaultProxy.inFrontOf(scenario.control.url);
    const { run, worker, release } = await holdRun({ DATABASE_URL: proxy.url });
    proxy.goDown();
    await release();
    await worker.passed('settling', run);
    expect(await scenario.run(run)).toMatchObject({ status: 'running' });
    proxy.recover();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1, added: USERS });
    await scenario.killWorkers();
    await proxy.close();
  });
});

describe('the connection to the warehouse lost', () => {
  it('while publishing, with no retry left, ends the run only after a look whether it had been published', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.worker();
    await scenario.runIn(await scenario.start(pipeline), 'succeeded');
    await scenario.killWorkers();
    await scenario.source.query(`UPDATE users SET logins = logins + 1`);
    const blocking = new pg.Client({ connectionString: scenario.warehouse.url });
    await blocking.connect();
    await blocking.query('BEGIN; LOCK TABLE penstock_identities IN SHARE MODE');
    const run = await scenario.start(pipeline);
    const timings = JSON.stringify({ ...QUICK, retryDelaysMs: [] });
    const worker = await scenario.worker(undefined, { PENSTOCK_TIMINGS: timings });
    const ended = await eventually('the publish waits and is ended', async () => {
      const rows = await scenario.warehouse.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
        [`penstock ${run}:1`],
      );
      return rows.length === 1;
    });
    expect(ended).toBe(true);
    await blocking.end();
    expect(await scenario.runIn(run, 'failed')).toMatchObject({
      epoch: 2,
      errorCode: 'WarehouseUnavailable',
      changed: null,
    });
    expect(worker.stages.filter((stage) => stage === `${run} opened`)).toHaveLength(1);
    await scenario.source.query(`UPDATE users SET logins = logins - 1`);
  });

  it('while staging ends the attempt, and the next one starts anew and ends as if nothing had been', async () => {
    const { run, release } = await holdRun();
    await scenario.warehouse.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`,
      [`penstock ${run}:1`],
    );
    await release();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({
      epoch: 2,
      retries: 1,
      lostAttempts: 0,
      added: USERS,
    });
  });
});
