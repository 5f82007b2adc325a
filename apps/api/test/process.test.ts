import { once } from 'node:events';
import { generateApiKey } from '@penstock/domain';
import { createEmptyDatabase, eventually, type TestDatabase } from '@penstock/shared/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiProcess } from './support/api-process.js';
import { type Answer, send } from './support/client.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let source: TestDatabase;
const started: ApiProcess[] = [];

const GATE = 4242;

beforeAll(async () => {
  api = await TestApi.start();
  source = await createEmptyDatabase();
  // It looks again and again, as waiting for a lock is cut short after a few seconds.
  await source.query(`
    CREATE FUNCTION wait_at_gate() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
      WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${GATE}
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
      LOOP PERFORM pg_sleep(0.02); END LOOP;
      RETURN 'passed';
    END $$`);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
});
afterAll(async () => {
  await api.close();
  await source.drop();
});

async function startProcess(env: NodeJS.ProcessEnv = {}): Promise<ApiProcess> {
  const process = await ApiProcess.start({ ...api.env, ...env });
  started.push(process);
  return process;
}

/** A request that waits for a source, in the middle of its query, until it is let go. */
async function holdRequest(process: ApiProcess): Promise<{ answer: Promise<Answer>; letGo: () => Promise<void> }> {
  const gate = new pg.Client({ connectionString: source.url });
  await gate.connect();
  await gate.query('SELECT pg_advisory_lock($1)', [GATE]);
  const { workspace, key } = await api.tenant();
  const connection = await api.make.connection(workspace, { settings: settingsOf(source) });
  const body = { query: 'SELECT wait_at_gate() AS gate', limit: 1 };
  const answer = send(`${process.url}/v1/connections/${connection}/query`, 'POST', { key, body });
  await eventually('the request waits at the gate', async () => {
    const waiting = await source.query(
      `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
    );
    return waiting.length > 0;
  });
  return { answer, letGo: () => gate.end() };
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
    const { answer: inFlight, letGo } = await holdRequest(process);
    process.child.kill('SIGTERM');
    await eventually('nothing new is taken', async () => {
      const answer = await send(`${process.url}/health/live`, 'GET', {}).catch(() => undefined);
      return answer === undefined;
    });
    await letGo();
    expect(await inFlight).toMatchObject({ status: 200, body: { rows: [{ gate: 'passed' }] } });
    await eventually('the process ends', () => process.exited, { deadlineMs: 10_000 });
    expect(process.child.exitCode).toBe(0);
  });

  it('does not wait longer than its grace period', async () => {
    const process = await startProcess({ SHUTDOWN_GRACE_MS: '200' });
    const { answer, letGo } = await holdRequest(process);
    const inFlight = answer.catch(() => 'cut');
    process.child.kill('SIGTERM');
    expect(await inFlight).toBe('cut');
    await letGo();
    await eventually('the process ends', () => process.exited);
  });
});
