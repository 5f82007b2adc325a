import { eventually } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let key: string;
let pipeline: number;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
  pipeline = await api.make.pipeline(workspace);
});

const start = (idempotencyKey: string, body: unknown = {}, id = pipeline) =>
  api.call('POST', `/v1/pipelines/${id}/runs`, { key, body, headers: { 'Idempotency-Key': idempotencyKey } });
const runCount = async () => (await api.control.query('SELECT FROM runs WHERE pipeline_id = $1', [pipeline])).length;
const rows = () =>
  api.control.query<{ status: number | null; body: unknown }>(
    'SELECT status, body FROM idempotency_keys WHERE key = $1',
    [pipelineKey()],
  );
const pipelineKey = (): string => `key-${pipeline}`;

describe('a request that is repeated with the same Idempotency-Key', () => {
  it('gets the first answer and does nothing', async () => {
    const first = await start(pipelineKey());
    const second = await start(pipelineKey());
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await runCount()).toBe(1);
  });

  it('gets the first answer also when the same request would now be refused', async () => {
    const first = await start(pipelineKey());
    await api.control.query('UPDATE workspaces SET warehouse_mode = $2 WHERE id = $1', [workspace, 'Inspection']);
    expect((await start(pipelineKey())).body).toEqual(first.body);
  });

  it.each([
    ['another body', () => start(pipelineKey(), { incremental: false })],
    [
      'another endpoint',
      () => api.call('POST', '/v1/connections', { key, body: {}, headers: { 'Idempotency-Key': pipelineKey() } }),
    ],
    ['another path', async () => start(pipelineKey(), {}, await api.make.pipeline(workspace))],
  ])('but %s is refused', async (_what, repeat) => {
    await start(pipelineKey());
    expect(errorOf(await repeat())).toEqual({
      status: 422,
      code: 'IdempotencyKeyReused',
      message: 'Idempotency-Key was used before with a different request',
    });
  });

  it('while the first is being answered is told to try again', async () => {
    const blocker = await api.deps.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM workspaces WHERE id = $1 FOR UPDATE', [workspace]);
    const first = start(pipelineKey());
    const second = await claimed().then(() => start(pipelineKey()));
    expect(errorOf(second)).toMatchObject({ status: 409, code: 'IdempotencyKeyInFlight' });
    expect(second.headers.get('retry-after')).toBe('1');
    await blocker.query('COMMIT');
    blocker.release();
    expect((await first).status).toBe(200);
    expect((await start(pipelineKey())).body).toEqual((await first).body);
  });

  it('with another API key is another request', async () => {
    await start(pipelineKey());
    const other = await api.make.key(workspace);
    const answer = await api.call('POST', `/v1/pipelines/${pipeline}/runs`, {
      key: other,
      body: {},
      headers: { 'Idempotency-Key': pipelineKey() },
    });
    expect(errorOf(answer).code).toBe('PipelineInProgress');
  });

  it('after 24 hours is a new request', async () => {
    await start(pipelineKey());
    await api.control.query(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = $1`, [
      pipelineKey(),
    ]);
    expect(errorOf(await start(pipelineKey())).code).toBe('PipelineInProgress');
  });
});

describe('an Idempotency-Key', () => {
  it('is free again when its request was refused', async () => {
    await api.control.query('UPDATE pipelines SET enabled = false WHERE id = $1', [pipeline]);
    expect(errorOf(await start(pipelineKey())).code).toBe('PipelineDisabled');
    expect(errorOf(await start(pipelineKey(), { incremental: 'yes' })).code).toBe('BadRequest');
    expect(await rows()).toEqual([]);
    await api.control.query('UPDATE pipelines SET enabled = true WHERE id = $1', [pipeline]);
    expect((await start(pipelineKey())).status).toBe(200);
  });

  it('is stored with its answer in the transaction of the run', async () => {
    const { body } = await start(pipelineKey());
    const found = await api.control.query<{ same: boolean }>(
      `SELECT (SELECT xmin FROM runs WHERE id = $1) = (SELECT xmin FROM idempotency_keys WHERE key = $2) AS same`,
      [body.id, pipelineKey()],
    );
    expect(found).toEqual([{ same: true }]);
    expect(await rows()).toEqual([{ status: 200, body }]);
  });

  it('whose process died while it answered can be claimed again after a minute', async () => {
    await start(pipelineKey());
    await api.control.query('DELETE FROM runs WHERE pipeline_id = $1', [pipeline]);
    const age = (seconds: number) =>
      api.control.query(
        `UPDATE idempotency_keys SET status = NULL, body = NULL, created_at = now() - $2 * interval '1 second' WHERE key = $1`,
        [pipelineKey(), seconds],
      );
    await age(50);
    expect(errorOf(await start(pipelineKey())).code).toBe('IdempotencyKeyInFlight');
    await age(61);
    expect((await start(pipelineKey())).status).toBe(200);
  });

  it.each(['', 'with space', 'ä', 'x'.repeat(256)])('must not be %j', async (value) => {
    const answer = await start(value);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('lets twenty simultaneous requests start one run, of which all that are answered learn the same id', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => start(pipelineKey())));
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id));
    const others = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code);
    expect(ids.size).toBe(1);
    expect(new Set(others).size === 0 || [...new Set(others)].join() === 'IdempotencyKeyInFlight').toBe(true);
    expect(await runCount()).toBe(1);
  });
});

describe('what creates something in the configuration', () => {
  it('is done once for an Idempotency-Key', async () => {
    const body = {
      name: 'Source',
      role: 'Source',
      connector: 'postgresql',
      settings: { host: 'h', username: 'u', database: 'd' },
    };
    const create = () =>
      api.call('POST', '/v1/connections', { key, body, headers: { 'Idempotency-Key': pipelineKey() } });
    const first = await create();
    expect((await create()).body).toEqual(first.body);
    const { connections } = (await api.call('GET', '/v1/connections', { key })).body;
    expect(connections.filter(({ name }: { name: string }) => name === 'Source')).toHaveLength(1);
  });

  it('never stores an API key: a replay does not show it again', async () => {
    const admin = await api.make.key(null);
    const body = { name: 'Reader', workspace };
    const create = () =>
      api.call('POST', '/v1/keys', { key: admin, body, headers: { 'Idempotency-Key': pipelineKey() } });
    const first = await create();
    const second = await create();
    expect(first.body.key).toMatch(/^api_/);
    expect(second.body).toEqual({ ...first.body, key: null });
    const stored = JSON.stringify(await api.control.query('SELECT * FROM idempotency_keys'));
    expect(stored).not.toContain(first.body.key);
  });
});

/** Waits until the key of the test is claimed. */
async function claimed(): Promise<void> {
  await eventually('the key is claimed', async () => (await rows()).length > 0);
}
