import { claimRun } from '@penstock/shared/use-cases';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { createKindsTenant, KINDS, type Kind } from './support/pipeline-kinds.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let tenant: Awaited<ReturnType<typeof createKindsTenant>>;

beforeAll(async () => {
  api = await TestApi.start({ env: { FILESYSTEM_ROOT: '/srv/files' } });
});
afterAll(() => api.close());
beforeEach(async () => {
  tenant = await createKindsTenant(api);
});

const ALL = Object.keys(KINDS) as Kind[];
const EXPORTS = ALL.filter((kind) => kind.startsWith('export-'));
const IMPORTS = ALL.filter((kind) => kind.startsWith('import-'));

const create = async (kind: Kind, changes: object = {}): Promise<number> => {
  const { status, body } = await api.call('POST', '/v1/pipelines', {
    key: tenant.key,
    body: tenant.bodyOf(kind, changes),
  });
  expect(status).toBe(200);
  return body.id;
};
const start = (pipeline: number, body: object = {}) =>
  api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key: tenant.key, body });
const run = async (id: number) => (await api.call('GET', `/v1/runs/${id}`, { key: tenant.key })).body;
const fail = (id: number) =>
  api.control.query(
    `UPDATE runs SET status = 'failed', end_time = now(), error_code = 'DestinationRefused', error_step = 'Finalize',
       error_message = 'refused' WHERE id = $1`,
    [id],
  );

const NOT_INCREMENTAL = 'is not allowed for a pipeline that exports: leave it out, or use full';
const NOT_FULL = 'is not allowed for a pipeline that imports: leave it out, or use incremental';

describe.each(EXPORTS)('a run of a pipeline %s', (kind) => {
  it.each([{}, { incremental: null, full: null }, { full: false }])('is not full with the body %j', async (body) => {
    const { body: started } = await start(await create(kind), body);
    expect(await run(started.id)).toMatchObject({ full: false, incremental: false });
  });

  it('is full when it is asked for', async () => {
    const { body } = await start(await create(kind), { full: true });
    expect(await run(body.id)).toMatchObject({ full: true, incremental: false });
    const claimed = await claimRun(api.deps, { run: body.id, epoch: 1, worker: 'worker-1' });
    expect(claimed).toMatchObject({ full: true, cursor: null });
  });

  it.each([true, false])('cannot be asked to be incremental: %s', async (incremental) => {
    const answer = await start(await create(kind), { incremental });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(answer.body.error.details).toEqual([{ path: 'incremental', message: NOT_INCREMENTAL }]);
    expect(await api.control.query('SELECT FROM runs WHERE workspace_id = $1', [tenant.workspace])).toEqual([]);
  });

  it.each([true, false])('is tried again as it was asked for: full %s', async (full) => {
    const first = (await start(await create(kind), { full })).body.id;
    await fail(first);
    const again = await api.call('POST', `/v1/runs/${first}/retry`, { key: tenant.key, body: {} });
    expect(again.status).toBe(200);
    expect(await run(again.body.id)).toMatchObject({ full, incremental: false, trigger: 'retry' });
  });
});

describe.each(IMPORTS)('a run of a pipeline %s', (kind) => {
  it.each([true, false])('cannot be asked to be full: %s', async (full) => {
    const answer = await start(await create(kind), { full });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(answer.body.error.details).toEqual([{ path: 'full', message: NOT_FULL }]);
  });

  it('is tried again without a word about full', async () => {
    const first = (await start(await create(kind))).body.id;
    await fail(first);
    const again = await api.call('POST', `/v1/runs/${first}/retry`, { key: tenant.key, body: {} });
    expect(await run(again.body.id)).toMatchObject({ full: false, trigger: 'retry' });
  });
});

describe('what refuses the run of an export', () => {
  it('is incremental before anything about the state of the pipeline', async () => {
    const pipeline = await create('export-to-file', { enabled: false });
    expect(errorOf(await start(pipeline, { incremental: true })).code).toBe('BadRequest');
    expect(errorOf(await start(pipeline)).code).toBe('PipelineDisabled');
  });

  it('is an unknown pipeline before incremental', async () => {
    expect(errorOf(await start(123_456_789, { incremental: true }))).toMatchObject({ status: 404 });
  });

  it.each(['full', 'incremental'])('is a %s that is neither true nor false nor null', async (member) => {
    const answer = await start(await create('export-to-file'), { [member]: 'yes' });
    expect(answer.body.error.details).toEqual([{ path: member, message: 'must be a boolean' }]);
  });
});
