import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

const ZEROS = [0, 0, 0, 0, 0, 0];

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

const start = (id: number | string = pipeline, body: unknown = {}) =>
  api.call('POST', `/v1/pipelines/${id}/runs`, { key, body });
const setMode = (mode: string) =>
  api.control.query('UPDATE workspaces SET warehouse_mode = $2 WHERE id = $1', [workspace, mode]);
const disable = () => api.control.query('UPDATE pipelines SET enabled = false WHERE id = $1', [pipeline]);
const withoutUpdateTime = () =>
  api.control.query('UPDATE pipelines SET has_update_time = false WHERE id = $1', [pipeline]);

describe('starting a run', () => {
  it('answers the id of a run that is live at once', async () => {
    const answer = await start();
    expect(answer.body).toEqual({ id: expect.any(Number) });
    const run = await api.call('GET', `/v1/pipelines/runs/${answer.body.id}`, { key });
    expect(run.body).toMatchObject({ id: answer.body.id, pipeline, endTime: null });
  });

  it('gives later runs greater ids', async () => {
    const first = await start();
    const second = await start(await api.make.pipeline(workspace));
    expect(second.body.id).toBeGreaterThan(first.body.id);
  });

  it.each([
    undefined,
    '',
    '{}',
    '{"incremental":null}',
    '{"incremental":true}',
    '{"incremental":false}',
    '{"unknown":1}',
  ])('takes the body %j', async (raw) => {
    const call = raw === undefined ? { key } : { key, raw };
    const answer = await api.call('POST', `/v1/pipelines/${pipeline}/runs`, call);
    expect(answer.status).toBe(200);
  });

  it.each([
    [null, false, false],
    [null, true, true],
    [true, false, true],
    [false, true, false],
  ])('with incremental %j on a pipeline whose own is %j runs incrementally: %j', async (wish, own, expected) => {
    await api.control.query('UPDATE pipelines SET incremental = $2 WHERE id = $1', [pipeline, own]);
    const { body } = await start(pipeline, { incremental: wish });
    const run = await api.call('GET', `/v1/runs/${body.id}`, { key });
    expect(run.body.incremental).toBe(expected);
  });

  it('records the key that asked', async () => {
    const { body } = await start();
    const keys = await api.control.query<{ id: number }>('SELECT id FROM api_keys WHERE workspace_id = $1', [
      workspace,
    ]);
    const run = await api.call('GET', `/v1/runs/${body.id}`, { key });
    expect(run.body).toMatchObject({ trigger: 'api', requestedBy: keys[0]?.id, status: 'queued', attempt: 0 });
  });

  it.each(['yes', 1, [], {}])('refuses incremental %j', async (incremental) => {
    const answer = await start(pipeline, { incremental });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(answer.body.error.details).toEqual([{ path: 'incremental', message: 'must be a boolean' }]);
  });
});

describe('a refused start', () => {
  it('of an unknown pipeline says so', async () => {
    expect(errorOf(await start(100_000_000))).toEqual({
      status: 404,
      code: 'NotFound',
      message: 'pipeline does not exist',
    });
  });

  it('of a disabled pipeline says so', async () => {
    await disable();
    expect(errorOf(await start())).toEqual({ status: 422, code: 'PipelineDisabled', message: 'pipeline is disabled' });
  });

  it('that wants increments without an update time column says so', async () => {
    await withoutUpdateTime();
    expect(errorOf(await start(pipeline, { incremental: true }))).toEqual({
      status: 422,
      code: 'IncrementalRequiresUpdateTimeColumn',
      message: 'incremental requires an update time column',
    });
  });

  it('while another run is live names that run', async () => {
    const live = await start();
    const answer = await start();
    expect(errorOf(answer)).toEqual({
      status: 422,
      code: 'PipelineInProgress',
      message: 'pipeline is already in progress',
    });
    expect(answer.body.error.details).toEqual({ run: live.body.id });
  });

  it.each([
    ['Inspection', 'InspectionMode', 'data warehouse is in inspection mode'],
    ['Maintenance', 'MaintenanceMode', 'data warehouse is in maintenance mode'],
  ])('in mode %s says so', async (mode, code, message) => {
    await setMode(mode);
    expect(errorOf(await start())).toEqual({ status: 422, code, message });
  });

  it('leaves nothing behind', async () => {
    await setMode('Inspection');
    await start();
    const runs = await api.control.query('SELECT FROM runs WHERE pipeline_id = $1', [pipeline]);
    expect(runs).toHaveLength(0);
  });
});

describe('of several reasons to refuse a start, the answer is', () => {
  const everything = async (): Promise<void> => {
    await start();
    await setMode('Inspection');
    await withoutUpdateTime();
    await disable();
  };
  const code = async (answer: ReturnType<typeof start>) => (await answer).body.error.code;

  it('first a malformed id or body, even when the workspace is deleted', async () => {
    await everything();
    await api.control.query('UPDATE workspaces SET deleted_at = now() WHERE id = $1', [workspace]);
    expect(await code(start('0'))).toBe('BadRequest');
    expect(await code(start(pipeline, { incremental: 'yes' }))).toBe('BadRequest');
  });

  it('then that the workspace does not exist', async () => {
    await everything();
    await api.control.query('UPDATE workspaces SET deleted_at = now() WHERE id = $1', [workspace]);
    expect(errorOf(await start(1))).toEqual({ status: 404, code: 'NotFound', message: 'workspace does not exist' });
  });

  it('then that the pipeline does not exist', async () => {
    await everything();
    expect(errorOf(await start(100_000_001, { incremental: true })).message).toBe('pipeline does not exist');
  });

  it('then that it is disabled, that increments need a column, that it is in progress, and last the mode', async () => {
    await everything();
    expect(await code(start(pipeline, { incremental: true }))).toBe('PipelineDisabled');
    await api.control.query('UPDATE pipelines SET enabled = true WHERE id = $1', [pipeline]);
    expect(await code(start(pipeline, { incremental: true }))).toBe('IncrementalRequiresUpdateTimeColumn');
    expect(await code(start(pipeline))).toBe('PipelineInProgress');
    await api.control.query('DELETE FROM runs WHERE pipeline_id = $1', [pipeline]);
    expect(await code(start(pipeline))).toBe('InspectionMode');
  });
});

describe('a run in the documented API', () => {
  it('has seven members and its counts once it has ended', async () => {
    const [id] = await api.make.endedRuns(workspace, pipeline, 1);
    const answer = await api.call('GET', `/v1/pipelines/runs/${id}`, { key });
    expect(answer.body).toEqual({
      id,
      pipeline,
      startTime: '2026-01-01T00:00:01.000Z',
      endTime: '2026-01-01T00:00:11.000Z',
      passed: [100, 99, 0, 98, 97, 96],
      failed: [0, 1, 0, 1, 1, 1],
      error: '',
    });
    expect(Object.keys(answer.body)).toEqual(['id', 'pipeline', 'startTime', 'endTime', 'passed', 'failed', 'error']);
  });

  it('shows zeros, no end and no error while it is live, whatever it has counted', async () => {
    const { body } = await start();
    await api.control.query(
      `UPDATE runs SET status = 'running', epoch = 2, passed = '{5,5,5,5,5,5}', failed = '{1,1,1,1,1,1}', error_message = 'lost' WHERE id = $1`,
      [body.id],
    );
    const live = { endTime: null, passed: ZEROS, failed: ZEROS, error: '' };
    expect((await api.call('GET', `/v1/pipelines/runs/${body.id}`, { key })).body).toMatchObject(live);
    expect((await api.call('GET', '/v1/pipelines/runs', { key })).body.runs).toMatchObject([live]);
  });

  it('shows why it failed', async () => {
    const { body } = await start();
    await api.control.query(
      `UPDATE runs SET status = 'failed', end_time = now(), passed = '{7,0,0,0,0,0}', error_code = 'SourceUnavailable',
         error_step = 'Receive', error_message = 'the source cannot be reached' WHERE id = $1`,
      [body.id],
    );
    const run = await api.call('GET', `/v1/pipelines/runs/${body.id}`, { key });
    expect(run.body).toMatchObject({
      error: 'the source cannot be reached',
      passed: [7, 0, 0, 0, 0, 0],
      endTime: expect.any(String),
    });
  });

  it.each(['0', '-1', '+1', '01', '1.0', '1e3', 'abc', '9007199254740992', '99999999999999999', '%20', '1%2f'])(
    'refuses the id %s',
    async (id) => {
      const answer = await api.call('GET', `/v1/pipelines/runs/${id}`, { key });
      expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    },
  );

  it.each(['1', '9007199254740991'])('does not know the id %s', async (id) => {
    const answer = await api.call('GET', `/v1/pipelines/runs/${id}`, { key });
    expect(errorOf(answer)).toEqual({ status: 404, code: 'NotFound', message: 'pipeline run does not exist' });
  });
});

describe('the list of runs', () => {
  it('is empty in a new workspace', async () => {
    expect((await api.call('GET', '/v1/pipelines/runs', { key })).body).toEqual({ runs: [] });
  });

  it('has all runs of all pipelines of the workspace, newest first', async () => {
    const other = await api.make.pipeline(workspace);
    const ids = [
      ...(await api.make.endedRuns(workspace, pipeline, 700)),
      ...(await api.make.endedRuns(workspace, other, 600)),
    ];
    const live = await start();
    const { body } = await api.call('GET', '/v1/pipelines/runs', { key });
    expect(body.runs.map(({ id }: { id: number }) => id)).toEqual([live.body.id, ...ids.reverse()]);
  });

  it('ignores query parameters: it has none', async () => {
    await api.make.endedRuns(workspace, pipeline, 3);
    const { body } = await api.call('GET', '/v1/pipelines/runs?limit=1&pipeline=x', { key });
    expect(body.runs).toHaveLength(3);
  });
});

describe('a tenant', () => {
  it('neither sees nor touches what belongs to another', async () => {
    const other = await api.tenant();
    const [run] = await api.make.endedRuns(workspace, pipeline, 1);
    const asOther = (method: string, path: string, body?: unknown) =>
      api.call(method, path, { key: other.key, ...(body !== undefined && { body }) });
    const noPipeline = { status: 404, code: 'NotFound', message: 'pipeline does not exist' };
    const noRun = { status: 404, code: 'NotFound', message: 'pipeline run does not exist' };
    expect(errorOf(await asOther('POST', `/v1/pipelines/${pipeline}/runs`, {}))).toEqual(noPipeline);
    expect(errorOf(await asOther('PUT', `/v1/pipelines/${pipeline}/status`, { enabled: false }))).toEqual(noPipeline);
    expect(errorOf(await asOther('PUT', `/v1/pipelines/${pipeline}/schedule`, { period: '5m' }))).toEqual(noPipeline);
    expect(errorOf(await asOther('DELETE', `/v1/pipelines/${pipeline}`))).toEqual(noPipeline);
    expect(errorOf(await asOther('GET', `/v1/pipelines/runs/${run}`))).toEqual(noRun);
    expect(errorOf(await asOther('POST', `/v1/runs/${run}/cancel`))).toEqual(noRun);
    expect(errorOf(await asOther('POST', `/v1/runs/${run}/retry`))).toEqual(noRun);
    expect(errorOf(await asOther('GET', `/v1/runs/${run}`))).toEqual(noRun);
    expect(errorOf(await asOther('GET', `/v1/runs/${run}/errors`))).toEqual(noRun);
    expect((await asOther('GET', '/v1/pipelines/runs')).body).toEqual({ runs: [] });
    expect((await asOther('GET', '/v1/runs')).body.runs).toEqual([]);
    expect((await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).body.enabled).toBe(true);
  });
});
