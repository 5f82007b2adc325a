import { SCHEDULE_PERIODS } from '@penstock/domain';
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

const get = async () => (await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).body;
const setStatus = (body: unknown, id: number | string = pipeline) =>
  api.call('PUT', `/v1/pipelines/${id}/status`, { key, body });
const setSchedule = (body: unknown, id: number | string = pipeline) =>
  api.call('PUT', `/v1/pipelines/${id}/schedule`, { key, body });

const BAD_IDS = ['0', '-5', '+5', '007', '2147483648', '1.5', 'abc', '12a', '%31%00'];

describe('the status of a pipeline', () => {
  it('disables and enables', async () => {
    expect((await setStatus({ enabled: false })).status).toBe(204);
    expect((await get()).enabled).toBe(false);
    expect((await setStatus({ enabled: true })).status).toBe(204);
    expect((await get()).enabled).toBe(true);
  });

  it('may be set to what it is', async () => {
    expect((await setStatus({ enabled: true })).status).toBe(204);
  });

  it('lets a live run go on', async () => {
    const { body } = await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key });
    await setStatus({ enabled: false });
    expect((await api.call('GET', `/v1/pipelines/runs/${body.id}`, { key })).body.endTime).toBeNull();
  });

  it('is never disabled by a body that does not say so', async () => {
    const answer = await setStatus({});
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(answer.body.error.details).toEqual([{ path: 'enabled', message: 'is required' }]);
    expect((await get()).enabled).toBe(true);
  });

  it.each([null, 'false', 0, []])('refuses enabled %j', async (enabled) => {
    expect((await setStatus({ enabled })).body.error.details).toEqual([
      { path: 'enabled', message: 'must be a boolean' },
    ]);
  });

  it.each([[[]], ['text'], [1], [null], [true]])('refuses the body %j', async (body) => {
    expect((await setStatus(body)).body.error.details).toEqual([{ path: 'body', message: 'must be an object' }]);
  });

  it('needs a body', async () => {
    const answer = await api.call('PUT', `/v1/pipelines/${pipeline}/status`, { key });
    expect(errorOf(answer)).toEqual({ status: 400, code: 'BadRequest', message: 'request body is required' });
  });

  it('of an unknown pipeline is not found', async () => {
    expect(errorOf(await setStatus({ enabled: true }, 1))).toEqual({
      status: 404,
      code: 'NotFound',
      message: 'pipeline does not exist',
    });
  });

  it.each(BAD_IDS)('refuses the id %s', async (id) => {
    expect(errorOf(await setStatus({ enabled: true }, id))).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('reports what is wrong with the id and the body together', async () => {
    const { details } = (await setStatus({ enabled: 1 }, '01')).body.error;
    expect(details.map(({ path }: { path: string }) => path)).toEqual(['id', 'enabled']);
  });
});

describe('the schedule of a pipeline', () => {
  it.each(SCHEDULE_PERIODS)('can be every %s', async (period) => {
    expect((await setSchedule({ period })).status).toBe(204);
    const { schedulePeriod, scheduleStart, nextRun } = await get();
    expect({ schedulePeriod, scheduleStart }).toEqual({ schedulePeriod: period, scheduleStart: expect.any(Number) });
    expect(Date.parse(nextRun)).toBeGreaterThan(Date.now());
  });

  it('can be removed', async () => {
    await setSchedule({ period: '1h' });
    expect((await setSchedule({ period: null })).status).toBe(204);
    expect(await get()).toMatchObject({ schedulePeriod: null, scheduleStart: null, nextRun: null });
  });

  it('may be set on a disabled pipeline, whose next run is none', async () => {
    await setStatus({ enabled: false });
    expect((await setSchedule({ period: '1h' })).status).toBe(204);
    expect(await get()).toMatchObject({ schedulePeriod: '1h', nextRun: null });
    await setStatus({ enabled: true });
    expect((await get()).nextRun).toEqual(expect.any(String));
  });

  it('is never removed by a body that does not say so', async () => {
    await setSchedule({ period: '1h' });
    expect((await setSchedule({})).body.error.details).toEqual([{ path: 'period', message: 'is required' }]);
    expect((await get()).schedulePeriod).toBe('1h');
  });

  it.each(['', '5', '5M', '10m', '1d', 300, true, []])('refuses the period %j', async (period) => {
    const [detail] = (await setSchedule({ period })).body.error.details;
    expect(detail.path).toBe('period');
    expect(detail.message).toContain('must be one of "5m", "15m"');
  });

  it('of an unknown pipeline is not found', async () => {
    expect(errorOf(await setSchedule({ period: null }, 2_147_483_647))).toEqual({
      status: 404,
      code: 'NotFound',
      message: 'pipeline does not exist',
    });
  });

  it.each(BAD_IDS)('refuses the id %s', async (id) => {
    expect(errorOf(await setSchedule({ period: null }, id))).toMatchObject({ status: 400, code: 'BadRequest' });
  });
});

describe('deleting a pipeline', () => {
  const remove = (id: number | string = pipeline) => api.call('DELETE', `/v1/pipelines/${id}`, { key });

  it('removes it with its runs and leaves its identities to be purged', async () => {
    const [run] = await api.make.endedRuns(workspace, pipeline, 1);
    expect((await remove()).status).toBe(204);
    expect(errorOf(await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).status).toBe(404);
    expect(errorOf(await api.call('GET', `/v1/pipelines/runs/${run}`, { key })).message).toBe(
      'pipeline run does not exist',
    );
    expect((await api.call('GET', '/v1/pipelines/runs', { key })).body).toEqual({ runs: [] });
    const purges = await api.control.query('SELECT FROM pending_purges WHERE pipeline_id = $1', [pipeline]);
    expect(purges).toHaveLength(1);
  });

  it.each(['Normal', 'Inspection', 'Maintenance'])('is allowed while it runs in mode %s', async (mode) => {
    await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key });
    await api.control.query('UPDATE workspaces SET warehouse_mode = $2 WHERE id = $1', [workspace, mode]);
    expect((await remove()).status).toBe(204);
  });

  it('happens once', async () => {
    await remove();
    expect(errorOf(await remove())).toEqual({ status: 404, code: 'NotFound', message: 'pipeline does not exist' });
  });

  it.each(BAD_IDS)('refuses the id %s', async (id) => {
    expect(errorOf(await remove(id))).toMatchObject({ status: 400, code: 'BadRequest' });
  });
});
