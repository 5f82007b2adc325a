import { createRedis } from '@penstock/shared/platform';
import { eventually } from '@penstock/shared/testing';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { SwitchableProxy } from './support/switchable-proxy.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const metrics = () => fetch(`${api.url}/metrics`).then((answer) => answer.text());

describe('health', () => {
  it('is live as long as the process answers', async () => {
    expect((await api.call('GET', '/health/live')).body).toEqual({ status: 'live' });
  });

  it('is degraded without a worker and says so', async () => {
    const { status, body } = await api.call('GET', '/health/ready');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'degraded',
      checks: {
        postgresql: { ok: true, message: null },
        redis: { ok: true, message: null },
        consumers: { ok: false, message: 'no worker takes runs: start one' },
      },
    });
  });

  it('is ready with a worker', async () => {
    const connection = createRedis(api.redis.url, { role: 'worker' });
    const worker = new Worker('runs', async () => undefined, { connection, prefix: api.redis.prefix });
    await eventually(
      'the worker is seen',
      async () => (await api.call('GET', '/health/ready')).body.status === 'ready',
    );
    await worker.close();
    connection.disconnect();
  });

  it('is 503 without PostgreSQL and says so; without it nothing can be answered', async () => {
    const proxy = await SwitchableProxy.to(api.control.url);
    const cut = await TestApi.start({ beside: api, env: { DATABASE_URL: proxy.url } });
    const { key } = await api.tenant();
    proxy.refuse();
    const ready = await cut.call('GET', '/health/ready');
    expect(errorOf(ready)).toEqual({
      status: 503,
      code: 'ServiceUnavailable',
      message: 'not ready: PostgreSQL cannot be reached',
    });
    expect(ready.body.error.details.checks.redis.ok).toBe(true);
    expect((await cut.call('GET', '/health/live')).status).toBe(200);
    expect(errorOf(await cut.call('GET', '/v1/pipelines', { key }))).toMatchObject({
      status: 503,
      code: 'ServiceUnavailable',
    });
    proxy.restore();
    expect((await cut.call('GET', '/v1/pipelines', { key })).status).toBe(200);
    await cut.close();
    await proxy.close();
  });
});

describe('metrics', () => {
  it('have the duration of requests by method, route and status, and name no workspace', async () => {
    const { workspace, key } = await api.tenant();
    const pipeline = await api.make.pipeline(workspace);
    await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} });
    await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} });
    const text = await metrics();
    const count = 'penstock_http_request_duration_seconds_count';
    expect(text).toMatch(new RegExp(`${count}\\{method="POST",route="/v1/pipelines/:id/runs",status="200"\\} [1-9]`));
    expect(text).toMatch(new RegExp(`${count}\\{method="POST",route="/v1/pipelines/:id/runs",status="422"\\} [1-9]`));
    expect(text).not.toContain(String(pipeline));
    expect(text).not.toContain(String(workspace));
  });

  it('have live runs, the depths of the queues and the process', async () => {
    const { workspace, key } = await api.tenant();
    const live = await api.control.query('SELECT FROM runs WHERE end_time IS NULL');
    await api.call('POST', `/v1/pipelines/${await api.make.pipeline(workspace)}/runs`, { key, body: {} });
    const text = await metrics();
    expect(text).toContain(`penstock_live_runs{status="queued"} ${live.length + 1}`);
    expect(text).toContain('penstock_live_runs{status="running"} 0');
    expect(text).toMatch(/penstock_queue_jobs\{queue="runs",state="waiting"\} [1-9]/);
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('count a path that does not exist under no route: nobody can blow them up', async () => {
    await api.call('GET', '/made-up-by-somebody');
    const text = await metrics();
    expect(text).not.toContain('made-up-by-somebody');
    expect(text).toMatch(/_count\{method="GET",route="none",status="404"\} [1-9]/);
  });
});
