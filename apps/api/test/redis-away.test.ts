import { eventually } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SwitchableProxy } from './support/switchable-proxy.js';
import { TestApi } from './support/test-api.js';

/** What an answer may take longer for Redis, and some time for a slow machine. */
const PATIENCE_MS = 500 + 400;

let api: TestApi;
let proxy: SwitchableProxy;
let workspace: number;
let key: string;

beforeAll(async () => {
  proxy = await SwitchableProxy.to(process.env.TEST_REDIS_URL ?? '');
  api = await TestApi.start({ env: { REDIS_URL: proxy.url } });
});
afterAll(async () => {
  await api.close();
  await proxy.close();
});

beforeEach(async () => {
  proxy.restore();
  ({ workspace, key } = await api.tenant());
});

/** Redis goes away from under a connection that works, not from one that is being made. */
async function cut(how: 'refuse' | 'silence'): Promise<void> {
  proxy.restore();
  await eventually('Redis is reached', () =>
    api.deps.redis.ping().then(
      () => true,
      () => false,
    ),
  );
  proxy[how]();
}

/**
 * Does it with a Redis that has just gone away, until it is once done in time: a machine that stalls makes it late now and then, an
 * api that waits for Redis every time.
 */
async function inTime(how: 'refuse' | 'silence', work: () => Promise<void>): Promise<void> {
  await eventually(`it is done within ${PATIENCE_MS} ms`, async () => {
    await cut(how);
    const from = performance.now();
    await work();
    return performance.now() - from < PATIENCE_MS;
  });
}

describe.each(['refuse', 'silence'] as const)('while Redis is away (%s)', (how) => {
  it('a start is accepted within half a second and kept', async () => {
    const started: number[] = [];
    await inTime(how, async () => {
      const pipeline = await api.make.pipeline(workspace);
      const { status, body } = await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} });
      expect(status).toBe(200);
      started.push(body.id);
    });
    for (const run of started) {
      expect((await api.call('GET', `/v1/pipelines/runs/${run}`, { key })).body.endTime).toBeNull();
    }
  });

  it('schedules, status and deletion are accepted within half a second', async () => {
    for (const [method, path, body] of [
      ['PUT', '/schedule', { period: '1h' }],
      ['PUT', '/status', { enabled: false }],
      ['DELETE', '', undefined],
    ] as const) {
      await inTime(how, async () => {
        const pipeline = await api.make.pipeline(workspace);
        const answer = await api.call(method, `/v1/pipelines/${pipeline}${path}`, { key, ...(body && { body }) });
        expect(answer.status).toBe(204);
      });
    }
  });

  it('everything that is read from PostgreSQL is answered as quickly as ever', async () => {
    await inTime(how, async () => {
      expect((await api.call('GET', '/v1/pipelines', { key })).status).toBe(200);
    });
  });

  it('nobody is refused for the rate limit', async () => {
    proxy[how]();
    await api.deps.rateLimitStore.sync();
    expect((await api.call('GET', '/v1/pipelines', { key })).status).toBe(200);
  });

  it('readiness is degraded and says that it is Redis', async () => {
    proxy[how]();
    const { status, body } = await api.call('GET', '/health/ready');
    expect(status).toBe(200);
    expect(body.status).toBe('degraded');
    expect(body.checks.redis).toEqual({ ok: false, message: 'Redis cannot be reached' });
    expect(body.checks.postgresql.ok).toBe(true);
  });

  it('metrics are answered without the depths of queues', async () => {
    proxy[how]();
    const metrics = await fetch(`${api.url}/metrics`).then((answer) => answer.text());
    expect(metrics).toContain('penstock_live_runs{status="queued"}');
    expect(metrics).not.toContain('penstock_queue_jobs{');
  });
});

describe('when Redis was away at the boot of an api', () => {
  it('it serves all the same, and is whole when Redis is there', async () => {
    proxy.refuse();
    const late = await TestApi.start({ beside: api, env: { REDIS_URL: proxy.url } });
    const pipeline = await api.make.pipeline(workspace);
    expect((await late.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} })).status).toBe(200);
    proxy.restore();
    await eventually('Redis is reached', async () => (await late.call('GET', '/health/ready')).body.checks.redis.ok);
    await late.close();
  });
});
