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

const start = async (): Promise<number> => (await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key })).body.id;
const get = async (id: number | undefined) => (await api.call('GET', `/v1/runs/${id}`, { key })).body;
const list = async (query = '') => (await api.call('GET', `/v1/runs${query}`, { key })).body;
const idsOf = ({ runs }: { runs: { id: number }[] }) => runs.map(({ id }) => id);
const failRun = (id: number | undefined) =>
  api.control.query(
    `UPDATE runs SET status = 'failed', end_time = now(), epoch = 1, error_code = 'DeleteBrake', error_step = 'Finalize',
       error_message = 'the import would remove 500 of 600 identities' WHERE id = $1`,
    [id],
  );

describe('a run in the operations API', () => {
  it('has everything that is known of it', async () => {
    const [id] = await api.make.endedRuns(workspace, pipeline, 1);
    expect(await get(id)).toEqual({
      id,
      pipeline,
      status: 'succeeded',
      trigger: 'api',
      requestedBy: null,
      incremental: false,
      full: false,
      attempt: 1,
      lostAttempts: 0,
      retries: 0,
      queuedAt: expect.any(String),
      startTime: '2026-01-01T00:00:01.000Z',
      endTime: '2026-01-01T00:00:11.000Z',
      worker: 'worker-1',
      steps: [
        { step: 'Receive', passed: 100, failed: 0 },
        { step: 'InputValidation', passed: 99, failed: 1 },
        { step: 'Filter', passed: 0, failed: 0 },
        { step: 'Transformation', passed: 98, failed: 1 },
        { step: 'OutputValidation', passed: 97, failed: 1 },
        { step: 'Finalize', passed: 96, failed: 1 },
      ],
      added: 40,
      changed: 30,
      unchanged: 26,
      removed: 5,
      merged: null,
      rowsPerSecond: 10,
      notice: null,
      error: null,
      cancelRequestedAt: null,
      cancelledBy: null,
    });
  });

  it('shows its counts while it is live', async () => {
    const id = await start();
    await api.control.query(
      `UPDATE runs SET status = 'running', epoch = 2, lost_attempts = 1, passed = '{50,49,0,0,0,0}', failed = '{0,1,0,0,0,0}',
         claimed_at = now() - interval '5 seconds', heartbeat_at = now() WHERE id = $1`,
      [id],
    );
    const run = await get(id);
    expect(run).toMatchObject({ status: 'running', attempt: 2, lostAttempts: 1, endTime: null, rowsPerSecond: 10 });
    expect(run.steps[1]).toEqual({ step: 'InputValidation', passed: 49, failed: 1 });
  });

  it('says at which step it failed, and why', async () => {
    const id = await start();
    await failRun(id);
    expect((await get(id)).error).toEqual({
      code: 'DeleteBrake',
      step: 'Finalize',
      message: 'the import would remove 500 of 600 identities',
    });
  });

  it('has counts up to 2^53 - 1 exactly', async () => {
    const [id] = await api.make.endedRuns(workspace, pipeline, 1);
    await api.control.query(`UPDATE runs SET passed = '{9007199254740991,1,1,1,1,1}' WHERE id = $1`, [id]);
    expect((await get(id)).steps[0].passed).toBe(9_007_199_254_740_991);
  });
});

describe('the list of runs of the operations API', () => {
  it('can be filtered by pipeline, status, trigger and start time', async () => {
    const [first, second, third] = await api.make.endedRuns(workspace, pipeline, 3);
    const other = await api.make.pipeline(workspace);
    const [elsewhere] = await api.make.endedRuns(workspace, other, 1);
    const live = await start();
    expect(idsOf(await list(`?pipeline=${other}`))).toEqual([elsewhere]);
    expect(idsOf(await list('?status=queued'))).toEqual([live]);
    expect(idsOf(await list('?trigger=schedule'))).toEqual([]);
    expect(idsOf(await list(`?pipeline=${pipeline}&trigger=api&status=succeeded`))).toEqual([third, second, first]);
    expect(idsOf(await list(`?pipeline=${pipeline}&from=2026-01-01T00:00:02Z&to=2026-01-01T00:00:03Z`))).toEqual([
      second,
    ]);
    expect(idsOf(await list(`?pipeline=${pipeline}&to=2026-01-01T01:00:02%2B01:00`))).toEqual([first]);
  });

  it('comes in pages that together are the whole', async () => {
    const ids = await api.make.endedRuns(workspace, pipeline, 5);
    const found: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      found.push(...idsOf(page));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(ids.reverse());
  });

  it.each([
    'pipeline=0',
    'status=ended',
    'trigger=me',
    'from=yesterday',
    'to=2026-13-01T00:00:00Z',
    'limit=0',
    'limit=1001',
    'cursor=-1',
  ])('is refused with %s', async (query) => {
    const answer = await api.call('GET', `/v1/runs?${query}`, { key });
    expect(answer.status).toBe(400);
    expect(answer.body.error.details[0].path).toBe(query.split('=')[0]);
  });
});

describe('cancelling a run', () => {
  const cancel = (id: number | string) => api.call('POST', `/v1/runs/${id}/cancel`, { key });

  it('that no worker has taken ends it', async () => {
    const id = await start();
    expect((await cancel(id)).status).toBe(204);
    expect(await get(id)).toMatchObject({ status: 'cancelled', cancelledBy: expect.stringMatching(/^API key \d+$/) });
    expect((await api.call('GET', `/v1/pipelines/runs/${id}`, { key })).body.error).toBe('run was cancelled');
  });

  it('that a worker has is recorded; the worker ends it', async () => {
    const id = await start();
    await api.control.query(`UPDATE runs SET status = 'running', epoch = 1 WHERE id = $1`, [id]);
    expect((await cancel(id)).status).toBe(204);
    expect(await get(id)).toMatchObject({ status: 'running', cancelRequestedAt: expect.any(String) });
  });

  it('that has ended is refused', async () => {
    const id = await start();
    await cancel(id);
    expect(errorOf(await cancel(id))).toEqual({ status: 422, code: 'RunNotLive', message: 'run has already ended' });
  });

  it('that is unknown is refused', async () => {
    expect(errorOf(await cancel(1))).toEqual({ status: 404, code: 'NotFound', message: 'pipeline run does not exist' });
    expect(errorOf(await cancel('x'))).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('may be asked for with an empty object', async () => {
    const id = await start();
    expect((await api.call('POST', `/v1/runs/${id}/cancel`, { key, body: {} })).status).toBe(204);
  });
});

describe('retrying a run', () => {
  const retry = (id: number | string, body?: unknown, headers: Record<string, string> = {}) =>
    api.call('POST', `/v1/runs/${id}/retry`, { key, headers, ...(body !== undefined && { body }) });
  const allowsRemoval = async (id: number) =>
    (await api.control.query<{ allowed: boolean }>('SELECT allow_removal AS allowed FROM runs WHERE id = $1', [id]))[0]
      ?.allowed;

  it('that failed starts a new one', async () => {
    const id = await start();
    await failRun(id);
    const { body } = await retry(id);
    expect(body.id).toBeGreaterThan(id);
    expect(await get(body.id)).toMatchObject({ trigger: 'retry', status: 'queued' });
    expect(await allowsRemoval(body.id)).toBe(false);
  });

  it('may be allowed to remove what the delete brake held back', async () => {
    const id = await start();
    await failRun(id);
    const { body } = await retry(id, { allowRemoval: true });
    expect(await allowsRemoval(body.id)).toBe(true);
  });

  it('that is live or succeeded is refused', async () => {
    const [ended] = await api.make.endedRuns(workspace, pipeline, 1);
    const refusal = { status: 422, code: 'RunNotRetryable', message: 'only a failed or cancelled run can be retried' };
    expect(errorOf(await retry(ended ?? 0))).toEqual(refusal);
    expect(errorOf(await retry(await start()))).toEqual(refusal);
  });

  it('is refused for whatever refuses a start', async () => {
    const id = await start();
    await failRun(id);
    await api.control.query('UPDATE pipelines SET enabled = false WHERE id = $1', [pipeline]);
    expect(errorOf(await retry(id)).code).toBe('PipelineDisabled');
  });

  it('is done once for an Idempotency-Key', async () => {
    const id = await start();
    await failRun(id);
    const headers = { 'Idempotency-Key': `retry-${id}` };
    const first = await retry(id, {}, headers);
    expect((await retry(id, {}, headers)).body).toEqual(first.body);
  });

  it('is refused with a body that is not valid', async () => {
    const { body } = await retry(1, { allowRemoval: 'yes' });
    expect(body.error.details).toEqual([{ path: 'allowRemoval', message: 'must be a boolean' }]);
  });
});

describe('the errors of a run', () => {
  it('are told by step and message with a few keys, the most frequent first', async () => {
    const [id] = await api.make.endedRuns(workspace, pipeline, 1);
    await api.control.query(
      `INSERT INTO run_error_groups (run_id, step, code, message, count, keys) VALUES
         ($1, 'InputValidation', 'Null', 'property "a" cannot be null', 2, '{u1,u2}'), ($1, 'Finalize', 'X', 'refused', 900, '{u3}')`,
      [id],
    );
    expect((await api.call('GET', `/v1/runs/${id}/errors`, { key })).body).toEqual({
      errors: [
        { step: 'Finalize', code: 'X', message: 'refused', count: 900, keys: ['u3'] },
        { step: 'InputValidation', code: 'Null', message: 'property "a" cannot be null', count: 2, keys: ['u1', 'u2'] },
      ],
    });
  });

  it('of an unknown run are not found', async () => {
    expect(errorOf(await api.call('GET', '/v1/runs/1/errors', { key })).message).toBe('pipeline run does not exist');
  });
});

describe('the occurrences of a schedule', () => {
  const occurrences = async (query = '') =>
    (await api.call('GET', `/v1/pipelines/${pipeline}/occurrences${query}`, { key })).body;

  it('say what became of each due time, newest first, a page at a time', async () => {
    const [run] = await api.make.endedRuns(workspace, pipeline, 1);
    await api.control.query(
      `INSERT INTO occurrences (pipeline_id, due_at, outcome, reason, run_id, missed_from, missed_count) VALUES
         ($1, '2026-01-01T00:00:00Z', 'started', NULL, $2, NULL, NULL),
         ($1, '2026-01-01T00:05:00Z', 'skipped', 'inProgress', NULL, NULL, NULL),
         ($1, '2026-01-01T01:00:00Z', 'missed', NULL, NULL, '2026-01-01T00:10:00Z', 11)`,
      [pipeline, run],
    );
    const started = {
      dueAt: '2026-01-01T00:00:00.000Z',
      outcome: 'started',
      reason: null,
      run,
      missedFrom: null,
      missedCount: null,
    };
    const skipped = {
      ...started,
      dueAt: '2026-01-01T00:05:00.000Z',
      outcome: 'skipped',
      reason: 'inProgress',
      run: null,
    };
    const missed = {
      ...{ dueAt: '2026-01-01T01:00:00.000Z', outcome: 'missed', reason: null, run: null },
      ...{ missedFrom: '2026-01-01T00:10:00.000Z', missedCount: 11 },
    };
    expect(await occurrences()).toEqual({ occurrences: [missed, skipped, started], nextCursor: null });
    const page = await occurrences('?limit=2');
    expect(page.occurrences).toEqual([missed, skipped]);
    expect((await occurrences(`?cursor=${page.nextCursor}`)).occurrences).toEqual([started]);
  });

  it('of an unknown pipeline, or of that of another, are not found', async () => {
    const other = await api.make.pipeline(await api.make.workspace());
    for (const id of [5, other]) {
      expect(errorOf(await api.call('GET', `/v1/pipelines/${id}/occurrences`, { key })).message).toBe(
        'pipeline does not exist',
      );
    }
  });
});

describe('the next run of a scheduled pipeline', () => {
  it('is on its period, in the future, and stays where it is', async () => {
    await api.call('PUT', `/v1/pipelines/${pipeline}/schedule`, { key, body: { period: '15m' } });
    const { nextRun, scheduleStart } = (await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).body;
    const ms = Date.parse(nextRun) - Date.now();
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(15 * 60_000);
    const minuteOfDay = Math.floor((Date.parse(nextRun) % 86_400_000) / 60_000);
    expect(minuteOfDay % 15).toBe(scheduleStart);
  });
});
