import { isDeepStrictEqual } from 'node:util';
import { createLogger } from '@penstock/shared/platform';
import { countRejects, forgetRejects, listRejects, unsealReject } from '@penstock/shared/repositories';
import { eventually, FaultProxy } from '@penstock/shared/testing';
import { cancelRun, deletePipeline } from '@penstock/shared/use-cases';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RejectLog } from '../src/runtime/reject-log.js';
import { DEFINITION, QUICK, Scenario } from './support/scenario.js';
import type { WorkerProcess } from './support/worker-process.js';

let scenario: Scenario;

/** A worker whose first heartbeat, and what is written with it, no test lives to see. */
const QUIET = { PENSTOCK_TIMINGS: JSON.stringify({ ...QUICK, heartbeatMs: 100_000, staleAfterMs: 300_000 }) };

beforeAll(async () => {
  scenario = await Scenario.create();
});
beforeEach(() => scenario.source.query('TRUNCATE users'));
afterEach(() => scenario.killWorkers());
afterAll(() => scenario.dispose());

/** The rejects of a run that are shown, with what is encrypted of them. */
async function rejectsOf(run: number) {
  const rows = await listRejects(scenario.deps.database, run, { after: 0, limit: 10_000 });
  return rows.map(({ position, step, code, content }) => {
    const reject = unsealReject(scenario.deps.secrets, content);
    if (reject === undefined) throw new Error('a reject cannot be decrypted');
    const { key, message, record, cut } = reject;
    return { position, step, code, key, message, record: record === null ? null : JSON.parse(record), cut };
  });
}

const keysOf = async (run: number) => (await rejectsOf(run)).map(({ key }) => key);

interface Stored {
  readonly epoch: number;
  readonly count: number;
}

/** How many are stored of each attempt, shown or not. */
function storedOf(run: number): Promise<Stored[]> {
  return scenario.control.query(
    'SELECT epoch, count(*)::int FROM run_rejects WHERE run_id = $1 GROUP BY epoch ORDER BY epoch',
    [run],
  );
}

/** Every 100th of these users fails, at OutputValidation. */
const everyHundredth = (count: number): string[] =>
  Array.from({ length: Math.floor(count / 100) }, (_, index) => `u${(index + 1) * 100}`);

/** Runs a pipeline to its end in a worker of its own. */
async function runOnce(env: NodeJS.ProcessEnv = {}, definition: Partial<typeof DEFINITION> = {}) {
  const run = await scenario.start(await scenario.createPipeline({ definition }));
  const worker = await scenario.worker(undefined, env);
  await worker.passed('settled', run);
  return { ...(await scenario.runIn(run)), log: worker.log };
}

describe('a record that fails', () => {
  it('at any step is kept, as the source delivered it, with the reason', async () => {
    await scenario.source.query(`INSERT INTO users (id, email, value, updated_at) VALUES
      ('good', 'a@example.com', '1.25', '2026-01-01'), ('received', 'b@example.com', '1.25', NULL),
      ('', 'c@example.com', '1.25', '2026-01-01'), ('input', NULL, '1.25', '2026-01-01'),
      ('transformed', 'd@example.com', '1.25', '2026-01-01'), ('output', 'e@example.com', 'n/a', '2026-01-01')`);
    const { properties } = DEFINITION.inSchema as { properties: { name: string; nullable?: boolean }[] };
    const required = properties.map((property) =>
      property.name === 'email' ? { ...property, nullable: false } : property,
    );
    const data = { name: 'data', type: { kind: 'json' }, nullable: true, description: '' };
    const run = await runOnce(
      {},
      {
        query: `SELECT *, CASE WHEN id = 'transformed' THEN '{"a":5}' ELSE '{"a":{}}' END::json AS data FROM users`,
        inSchema: { kind: 'object', properties: [...required, data] },
        transformation: { mapping: { email: 'email', value: 'value', signup: 'data.a.b' } },
      },
    );
    expect(run).toMatchObject({ status: 'succeeded', failed: [2, 1, 0, 1, 1, 0] });
    const rejects = await rejectsOf(run.id);
    expect(rejects.map(({ position, step, key, cut }) => ({ position, step, key, cut }))).toEqual([
      { position: 1, step: 'Receive', key: 'received', cut: false },
      { position: 2, step: 'Receive', key: null, cut: false },
      { position: 3, step: 'InputValidation', key: 'input', cut: false },
      { position: 4, step: 'Transformation', key: 'transformed', cut: false },
      { position: 5, step: 'OutputValidation', key: 'output', cut: false },
    ]);
    expect(rejects[0]?.record).toMatchObject({ id: 'received', email: 'b@example.com', updated_at: null });
    expect(rejects[2]?.record).toMatchObject({ id: 'input', email: null });
    expect(rejects[4]?.record).toMatchObject({ id: 'output', value: 'n/a' });
    const groups = await scenario.errorGroups(run.id);
    expect(rejects.map(({ code, message }) => ({ code, message }))).toEqual(
      expect.arrayContaining(groups.map(({ code, message }) => ({ code, message }))),
    );
  });

  it('is kept with the others up to a number, the first ones; the run and its counts are the same', async () => {
    await scenario.createUsers(1_000);
    const run = await runOnce({ REJECTS_PER_RUN: '3' });
    expect(run).toMatchObject({ status: 'succeeded', failed: [0, 0, 0, 0, 10, 0] });
    expect(await keysOf(run.id)).toEqual(['u100', 'u200', 'u300']);
    await scenario.killWorkers();
    const none = await runOnce({ REJECTS_PER_RUN: '0' });
    expect(none).toMatchObject({ status: 'succeeded', failed: [0, 0, 0, 0, 10, 0] });
    expect(await storedOf(none.id)).toEqual([]);
  });

  it('and is large is kept with its first members, as many as fit', async () => {
    await scenario.source.query(
      `INSERT INTO users (id, email, value, updated_at) VALUES ('u1', repeat('x', 200000), 'n/a', '2026-01-01')`,
    );
    const run = await runOnce();
    expect(await rejectsOf(run.id)).toMatchObject([{ key: 'u1', record: { id: 'u1' }, cut: true }]);
    const [row] = await scenario.control.query<{ length: number }>(
      'SELECT length(content) FROM run_rejects WHERE run_id = $1',
      [run.id],
    );
    expect(row?.length).toBeLessThan(32 * 1024);
  });

  it('is shown while its run is live', async () => {
    await scenario.createUsers(2_000);
    const gate = new pg.Client({ connectionString: scenario.source.url });
    await gate.connect();
    await gate.query('SELECT pg_advisory_lock(42)');
    const query = `SELECT * FROM users WHERE CASE WHEN id = 'u2000' THEN pg_advisory_lock_shared(42) IS NOT NULL ELSE true END`;
    const run = await scenario.start(await scenario.createPipeline({ definition: { query } }));
    await scenario.worker();
    await eventually('rejects are there', async () => (await keysOf(run)).length >= 5);
    expect(await scenario.run(run)).toMatchObject({ status: 'running' });
    await gate.end();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ failed: [0, 0, 0, 0, 20, 0] });
    expect(await keysOf(run)).toEqual(everyHundredth(2_000));
  });
});

describe('what is kept of a record', () => {
  /** Everything that is in Redis under our prefix. */
  async function redisText(): Promise<string> {
    const { redis, redisPrefix } = scenario.deps;
    const keys = await redis.keys(`${redisPrefix}*`);
    const read: Record<string, (key: string) => Promise<unknown>> = {
      string: (key) => redis.get(key),
      hash: (key) => redis.hgetall(key),
      list: (key) => redis.lrange(key, 0, -1),
      set: (key) => redis.smembers(key),
      zset: (key) => redis.zrange(key, '0', '-1', 'WITHSCORES'),
      stream: (key) => redis.xrange(key, '-', '+'),
    };
    const values = await Promise.all(keys.map(async (key) => [key, await read[await redis.type(key)]?.(key)]));
    return JSON.stringify(values);
  }

  async function controlText(): Promise<string> {
    const tables = await scenario.control.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    const rows = await Promise.all(tables.map(({ name }) => scenario.control.query(`SELECT t FROM ${name} t`)));
    return JSON.stringify(rows);
  }

  it('is nowhere in the clear: not in the control database, not in Redis, not in a log', async () => {
    const secret = 'hunter2-of-a-record';
    await scenario.source.query(
      `INSERT INTO users (id, email, value, updated_at) VALUES ('key-of-a-record', $1, $1, '2026-01-01')`,
      [secret],
    );
    const run = await runOnce({ LOG_LEVEL: 'debug' });
    expect(await rejectsOf(run.id)).toMatchObject([
      { key: 'key-of-a-record', record: { email: secret, value: secret } },
    ]);
    const [control, redis] = [await controlText(), await redisText()];
    expect(control).toContain('OutputValidation');
    expect(redis).toContain('runs');
    expect(run.log).toContain('attempt ended');
    for (const text of [control, redis, run.log]) expect(text).not.toContain(secret);
    const stored = await scenario.control.query('SELECT t FROM run_rejects t WHERE run_id = $1', [run.id]);
    expect(JSON.stringify(stored)).not.toContain('key-of-a-record');
  });

  it('goes with its pipeline', async () => {
    await scenario.createUsers(100);
    const { id, pipeline } = await runOnce();
    expect(await storedOf(id)).toEqual([{ epoch: 1, count: 1 }]);
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    expect(await storedOf(id)).toEqual([]);
  });

  it('is deleted after as many days as are configured, by any worker', async () => {
    await scenario.createUsers(200);
    const run = await runOnce();
    const age = (position: number, days: number) =>
      scenario.control.query(
        `UPDATE run_rejects SET created_at = now() - $3 * interval '1 day' WHERE run_id = $1 AND position = $2`,
        [run.id, position, days],
      );
    await age(1, 7.1);
    await age(2, 6.9);
    await scenario.killWorkers();
    await scenario.worker(undefined, { REJECTS_KEPT_DAYS: '7' });
    await eventually('the old one is deleted', async () => (await keysOf(run.id)).length < 2);
    expect(await keysOf(run.id)).toEqual(['u200']);
  });

  it('is deleted when its pipeline has had a hundred runs since', async () => {
    await scenario.createUsers(100);
    const { id, pipeline } = await runOnce();
    await scenario.control.query(
      `INSERT INTO runs (workspace_id, pipeline_id, version, status, trigger, incremental, end_time)
       SELECT $1, $2, 1, 'succeeded', 'api', false, now() FROM generate_series(1, 98)`,
      [scenario.workspace, pipeline],
    );
    const next = await scenario.start(pipeline);
    await scenario.runIn(next, 'succeeded');
    expect(await keysOf(id)).toEqual(['u100']);
    const last = await scenario.start(pipeline);
    await scenario.runIn(last, 'succeeded');
    expect([await keysOf(id), await keysOf(next), await keysOf(last)]).toEqual([[], ['u100'], ['u100']]);
  });

  it('is deleted in bounded statements, until nothing old is left', async () => {
    await scenario.createUsers(100);
    const run = await runOnce();
    await scenario.killWorkers();
    await scenario.control.query(
      `INSERT INTO run_rejects (run_id, epoch, position, step, code, content, created_at)
       SELECT $1, 9, i, 'Receive', 'X', '', now() - interval '31 days' FROM generate_series(1, 2500) AS i`,
      [run.id],
    );
    await forgetRejects(scenario.deps.database, 30);
    expect(await storedOf(run.id)).toEqual([{ epoch: 1, count: 1 }]);
  });
});

describe('the rejects of a run', () => {
  const USERS = 1_000;
  const FIRST = [{ epoch: 1, count: 10 }];

  /**
   * A worker whose attempt waits at a stage, once these rejects are stored, which it began to write before: an attempt goes on after
   * a second, whether or not a slow machine has stored them by then.
   */
  async function heldAt(
    stage: 'staged' | 'published',
    run: number,
    stored: readonly Stored[],
    env: NodeJS.ProcessEnv = QUIET,
  ): Promise<WorkerProcess> {
    const worker = await scenario.worker({ signal: 'none', at: stage }, env);
    await worker.passed(stage, run);
    await eventually('its rejects are stored', async () => isDeepStrictEqual(await storedOf(run), stored));
    await scenario.runIn(run, 'running');
    return worker;
  }

  /** An attempt whose worker is killed when it is held at a stage. */
  async function killedAt(...held: Parameters<typeof heldAt>): Promise<void> {
    const worker = await heldAt(...held);
    await worker.kill();
  }

  it('whose worker was killed before it published are those of the next attempt only, without doubles', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    await killedAt('staged', run, FIRST);
    await scenario.source.query(`UPDATE users SET value = '1.00' WHERE id = 'u100'`);
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 2, failed: [0, 0, 0, 0, 9, 0] });
    expect((await keysOf(run)).toSorted()).toEqual(everyHundredth(USERS).slice(1).toSorted());
    expect(await storedOf(run)).toEqual([{ epoch: 2, count: 9 }]);
  });

  it('whose worker was killed after it published are those of the attempt that published', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    await killedAt('published', run, FIRST);
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 2, failed: [0, 0, 0, 0, 10, 0] });
    expect(await keysOf(run)).toEqual(everyHundredth(USERS));
  });

  it('that lost one attempt before the claim of the next could look are kept until it has looked', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    await killedAt('published', run, FIRST);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'claimed' })).ended();
    expect(await keysOf(run)).toEqual([]);
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 3, failed: [0, 0, 0, 0, 10, 0] });
    expect(await keysOf(run)).toEqual(everyHundredth(USERS));
  });

  it('are none when the attempt that published had none, whatever an attempt before it had', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    await killedAt('staged', run, FIRST);
    await scenario.source.query(`UPDATE users SET value = '1.00'`);
    // With a heartbeat: a worker without one would not notice for long that it is to take over.
    await killedAt('published', run, [], {});
    await scenario.worker();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 3, failed: [0, 0, 0, 0, 0, 0] });
    expect(await storedOf(run)).toEqual([]);
  });

  it('that is cancelled after its worker was killed are those of the lost attempt, like its counts', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    await killedAt('staged', run, FIRST);
    await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'key test' });
    await scenario.worker();
    await scenario.runIn(run, 'cancelled');
    expect(await keysOf(run)).toEqual(everyHundredth(USERS));
  });

  it('that ends before it reads anything are none, whatever a lost attempt had', async () => {
    await scenario.createUsers(USERS);
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    await killedAt('staged', run, FIRST);
    await scenario.source.query('ALTER TABLE users RENAME TO gone');
    await scenario.worker();
    expect(await scenario.runIn(run, 'failed')).toMatchObject({ failed: [0, 0, 0, 0, 0, 0] });
    await scenario.source.query('ALTER TABLE gone RENAME TO users');
    expect(await storedOf(run)).toEqual([]);
  });

  it('that is handed back are hidden until its next attempt has its own', async () => {
    await scenario.createUsers(USERS);
    const run = await scenario.start(await scenario.createPipeline());
    const leaving = await heldAt('staged', run, FIRST);
    leaving.signal('SIGTERM');
    leaving.signal('SIGCONT');
    await leaving.ended();
    expect(await scenario.run(run)).toMatchObject({ status: 'queued', failed: [0, 0, 0, 0, 0, 0] });
    expect(await countRejects(scenario.deps.database, run)).toBe(0);
    await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    expect(await keysOf(run)).toEqual(everyHundredth(USERS));
  });
});

describe('the control database away', () => {
  it('while rejects are to be written neither fails nor delays the run, and they are there when it is back', async () => {
    await scenario.createUsers(1_000);
    const proxy = await FaultProxy.inFrontOf(scenario.control.url);
    const blocker = new pg.Client({ connectionString: scenario.source.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const run = await scenario.start(await scenario.createPipeline());
    // No heartbeat comes in between: what is written after the outage is what the end of the run writes.
    const worker = await scenario.worker(undefined, { ...QUIET, DATABASE_URL: proxy.url });
    await worker.passed('fenced', run);
    proxy.goDown();
    await blocker.end();
    await worker.passed('settling', run);
    await eventually('its end cannot be written', () =>
      worker.log.includes('outcome of the attempt could not be written'),
    );
    expect(await storedOf(run)).toEqual([]);
    proxy.recover();
    expect(await scenario.runIn(run, 'succeeded')).toMatchObject({ epoch: 1, failed: [0, 0, 0, 0, 10, 0] });
    await worker.passed('settled', run);
    expect(await keysOf(run)).toEqual(everyHundredth(1_000));
    await scenario.killWorkers();
    await proxy.close();
  });
});

describe('a log of rejects', () => {
  const logger = createLogger({ level: 'error', service: 'test' });
  logger.silent = true;
  const reject = { step: 'OutputValidation', code: 'X', message: 'm', key: 'u1', record: '{"id":"u1"}' } as const;

  function logOf(run: number, epoch: number, database = scenario.deps.database): RejectLog {
    const limits = { perRun: 1_000, keptDays: 30 };
    return new RejectLog({ run, epoch }, { database, secrets: scenario.deps.secrets, logger, limits });
  }

  it('is full after 8 MiB of records', async () => {
    const log = logOf(1, 1);
    const record = JSON.stringify({ id: 'u1', text: 'x'.repeat(16_000) });
    let added = 0;
    for (; !log.isFull; added += 1) log.add({ ...reject, record });
    expect(added - 1).toBe(Math.floor((8 * 1024 * 1024) / record.length));
  });

  it('keeps texts that no database could: NUL and half characters', async () => {
    const run = await scenario.start(await scenario.createPipeline());
    await scenario.control.query('UPDATE runs SET epoch = 1, counts_epoch = 1 WHERE id = $1', [run]);
    const log = logOf(run, 1);
    log.add({ ...reject, key: 'a\0b\ud800', message: '\0\udc00' });
    await log.flush(10_000);
    expect(await rejectsOf(run)).toMatchObject([{ key: 'a\0b\ufffd', message: '\0\ufffd' }]);
  });

  it('of an attempt that does not own its run any more writes nothing', async () => {
    const run = await scenario.start(await scenario.createPipeline());
    await scenario.control.query('UPDATE runs SET epoch = 2, counts_epoch = 2 WHERE id = $1', [run]);
    const log = logOf(run, 1);
    log.add(reject);
    await log.flush(10_000);
    expect(log.isFull).toBe(true);
    expect(await storedOf(run)).toEqual([]);
  });

  it('writes once what it writes again, because the answer was lost', async () => {
    const run = await scenario.start(await scenario.createPipeline());
    await scenario.control.query('UPDATE runs SET epoch = 1, counts_epoch = 1 WHERE id = $1', [run]);
    for (const rejects of [1, 2]) {
      const log = logOf(run, 1);
      for (let each = 0; each < rejects; each += 1) log.add(reject);
      await log.flush(10_000);
    }
    expect(await storedOf(run)).toEqual([{ epoch: 1, count: 2 }]);
  });
});
