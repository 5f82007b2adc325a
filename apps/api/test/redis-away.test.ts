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

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const from = performance.now();
  return { result: await work, ms: performance.now() - from };
}

describe.each(['refuse', 'silence'] as const)('while Redis is away (%s)', (how) => {
  it('a start is accepted within half a second and kept', async () => {
    const pipeline = await api.make.pipeline(workspace);
    proxy[how]();
    const { result, ms } = await timed(api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} }));
    expect(result.status).toBe(200);
    expect(ms).toBeLessThan(PATIENCE_MS);
    const run = await api.call('GET', `/v1/pipelines/runs/${result.body.id}`, { key });
    expect(run.body.endTime).toBeNull();
  });

  it('schedules, status and deletion are accepted within half a second', async () => {
    const pipeline = await api.make.pipeline(workspace);
    proxy[how]();
    for (const [method, path, body] of [
      ['PUT', '/schedule', { period: '1h' }],
      ['PUT', '/status', { enabled: false }],
      ['DELETE', '', undefined],
    ] as const) {
      const { result, ms } = await timed(
        api.call(method, `/v1/pipelines/${pipeline}${path}`, { key, ...(body && { body }) }),
      );
      expect(result.status).toBe(204);
      expect(ms).toBeLessThan(PATIENCE_MS);
    }
  });

  it('everything that is read from PostgreSQL is answered as quickly as ever', async () => {
    proxy[how]();
    const { result, ms } = await timed(api.call('GET', '/v1/pipelines', { key }));
    expect(result.status).toBe(200);
    expect(ms).toBeLessThan(PATIENCE_MS);
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
