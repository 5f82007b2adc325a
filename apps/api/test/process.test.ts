import { once } from 'node:events';
import { generateApiKey } from '@penstock/domain';
import { eventually } from '@penstock/shared/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiProcess } from './support/api-process.js';
import { send } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
const started: ApiProcess[] = [];

beforeAll(async () => {
  api = await TestApi.start();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
});
afterAll(() => api.close());

async function startProcess(env: NodeJS.ProcessEnv = {}): Promise<ApiProcess> {
  const process = await ApiProcess.start({ ...api.env, ...env });
  started.push(process);
  return process;
}

const workspaces = (url: string, key: string) => send(`${url}/v1/workspaces`, 'GET', { key });

describe('the first admin key', () => {
  it('is the one in the environment, made once', async () => {
    const key = generateApiKey();
    const [first, second] = await Promise.all([
      startProcess({ PENSTOCK_ADMIN_KEY: key }),
      startProcess({ PENSTOCK_ADMIN_KEY: key }),
    ]);
    expect((await workspaces(first.url, key)).status).toBe(200);
    expect((await workspaces(second.url, key)).status).toBe(200);
    const rows = await api.control.query('SELECT FROM api_keys WHERE hint = $1', [key.slice(0, 10)]);
    expect(rows).toHaveLength(1);
  });
});

describe('a configuration that is not valid', () => {
  it('ends the process with 1 and reports every problem together, without the values', async () => {
    const process = await ApiProcess.ended({
      DATABASE_URL: 'mysql://user:hunter2@host/x',
      PORT: '70000',
      RATE_LIMIT_PER_MINUTE: 'hunter2',
      PENSTOCK_ADMIN_KEY: 'api_hunter2',
      QUEUES_WRITABLE: 'yes',
    });
    expect(process.child.exitCode).toBe(1);
    for (const name of [
      'DATABASE_URL',
      'REDIS_URL',
      'PORT',
      'RATE_LIMIT_PER_MINUTE',
      'PENSTOCK_ADMIN_KEY',
      'QUEUES_WRITABLE',
      'PENSTOCK_MASTER_KEY',
    ]) {
      expect(process.output).toContain(name);
    }
    expect(process.output).not.toContain('hunter2');
  });

  it('such as a port that is taken, ends the process with 1', async () => {
    const process = await ApiProcess.ended({ ...api.env, PORT: String(api.server.port) });
    expect(process.child.exitCode).toBe(1);
    expect(process.output).toContain('EADDRINUSE');
  });
});

describe('a process that is asked to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s ends with 0 at once when nothing is in flight', async (signal) => {
    const process = await startProcess();
    await send(`${process.url}/health/live`, 'GET', {});
    process.child.kill(signal);
    const [code] = await once(process.child, 'exit');
    expect(code).toBe(0);
  });

  it('finishes what is in flight, takes nothing new, and does not wait for connections that are kept alive', async () => {
    const process = await startProcess({ SHUTDOWN_GRACE_MS: '50000' });
    const { workspace, key } = await api.tenant();
    const pipeline = await api.make.pipeline(workspace);
    const blocker = await api.deps.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM workspaces WHERE id = $1 FOR UPDATE', [workspace]);
    const inFlight = send(`${process.url}/v1/pipelines/${pipeline}/runs`, 'POST', { key, body: {} });
    await eventually('the request waits for the lock', async () => {
      const waiting = await api.control.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return waiting.length > 0;
    });
    process.child.kill('SIGTERM');
    await eventually('nothing new is taken', async () => {
      const answer = await send(`${process.url}/health/live`, 'GET', {}).catch(() => undefined);
      return answer === undefined;
    });
    await blocker.query('COMMIT');
    blocker.release();
    expect((await inFlight).status).toBe(200);
    await eventually('the process ends', () => process.exited, { deadlineMs: 10_000 });
    expect(process.child.exitCode).toBe(0);
  });

  it('does not wait longer than its grace period', async () => {
    const process = await startProcess({ SHUTDOWN_GRACE_MS: '200' });
    const { workspace, key } = await api.tenant();
    const pipeline = await api.make.pipeline(workspace);
    const blocker = await api.deps.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM workspaces WHERE id = $1 FOR UPDATE', [workspace]);
    const inFlight = send(`${process.url}/v1/pipelines/${pipeline}/runs`, 'POST', { key, body: {} }).catch(() => 'cut');
    await eventually('the request waits for the lock', async () => {
      const waiting = await api.control.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return waiting.length > 0;
    });
    process.child.kill('SIGTERM');
    expect(await inFlight).toBe('cut');
    await blocker.query('ROLLBACK');
    blocker.release();
    await eventually('the process ends', () => process.exited);
  });
});
