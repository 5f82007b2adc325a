import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detailsOf, errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
});

const start = (path = '/v1/identity-resolution', headers = {}) => api.call('POST', path, { key, headers });
const startWith = (body: unknown) => api.call('POST', '/v1/identity-resolution', { key, body });
const get = async (path = '/v1/identity-resolution') => (await api.call('GET', path, { key })).body;
const setMode = (mode: string) => api.call('PUT', '/v1/warehouse/mode', { key, body: { mode } });
const operations = () =>
  api.control.query<{ id: number; status: string }>(
    'SELECT id::int, status FROM warehouse_operations WHERE workspace_id = $1 ORDER BY id',
    [workspace],
  );
const update = (set: string) =>
  api.control.query(`UPDATE warehouse_operations SET ${set} WHERE workspace_id = $1 AND status <> 'succeeded'`, [
    workspace,
  ]);

const NEVER = {
  ...{ id: null, startTime: null, endTime: null, error: null, queued: false },
  ...{ resolved: null, added: null, changed: null, removed: null, profiles: null },
};

describe('a resolution of identities', () => {
  it.each([['/v1/identity-resolution'], ['/v1/identity-resolution/start']])('is asked for by POST %s', async (path) => {
    const { body } = await start(path);
    expect(await operations()).toEqual([{ id: body.id, status: 'queued' }]);
    expect(await get()).toEqual({ ...NEVER, id: body.id, queued: true });
    expect(await get('/v1/identity-resolution/latest')).toEqual({ ...NEVER, id: body.id, queued: true });
  });

  it('was never asked for at first', async () => {
    expect(await get()).toEqual(NEVER);
  });

  it('is one, however often it is asked for before it begins', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => start()));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await operations()).toHaveLength(1);
  });

  it('that is asked for while another one is under way begins after it', async () => {
    const { body: first } = await start();
    await update(`status = 'running', start_time = now(), due_at = now() + interval '1 minute'`);
    const { body: second } = await start();
    expect((await start()).body).toEqual(second);
    expect(await operations()).toEqual([
      { id: first.id, status: 'running' },
      { id: second.id, status: 'queued' },
    ]);
    expect(await get()).toEqual({ ...NEVER, id: second.id, queued: true });
  });

  it('is a full one when any of those is that become one', async () => {
    for (const body of [{}, { full: true }, { full: false }]) expect((await startWith(body)).status).toBe(200);
    expect(
      await api.control.query('SELECT request FROM warehouse_operations WHERE workspace_id = $1', [workspace]),
    ).toEqual([{ request: { full: true } }]);
  });

  it('is refused with a wish that is none', async () => {
    const answer = await startWith({ full: 'yes' });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual(['full']);
    expect(await operations()).toEqual([]);
  });

  it('shows what it did when it has ended', async () => {
    const { id } = (await start()).body;
    const outcome = { resolved: 5, added: 4, changed: 3, removed: 2, profiles: 10 };
    await update(`status = 'succeeded', start_time = now(), end_time = now(), outcome = '${JSON.stringify(outcome)}'`);
    expect(await get()).toEqual({
      ...{ ...NEVER, id, ...outcome },
      ...{ startTime: expect.stringMatching(/Z$/), endTime: expect.stringMatching(/Z$/) },
    });
  });

  it('that waits after a failure is tried at once when it is asked for again', async () => {
    await start();
    await update(`due_at = now() + interval '1 hour', attempts = 3, error = 'the warehouse is away'`);
    await start();
    expect(
      await api.control.query('SELECT FROM warehouse_operations WHERE workspace_id = $1 AND due_at <= now()', [
        workspace,
      ]),
    ).toHaveLength(1);
    expect((await get()).error).toBe('the warehouse is away');
  });

  it.each([
    ['Inspection', 'InspectionMode'],
    ['Maintenance', 'MaintenanceMode'],
  ])('is refused in mode %s', async (mode, code) => {
    await setMode(mode);
    expect(errorOf(await start())).toMatchObject({ status: 422, code });
    expect(await operations()).toEqual([]);
  });

  it('is asked for once with an Idempotency-Key', async () => {
    const { body } = await start(undefined, { 'Idempotency-Key': 'once' });
    await update(`status = 'succeeded', start_time = now(), end_time = now()`);
    expect((await start(undefined, { 'Idempotency-Key': 'once' })).body).toEqual(body);
    expect(await operations()).toHaveLength(1);
  });

  it('holds a change of the mode while it is under way, and is put off when asked to', async () => {
    await start();
    await update(`status = 'running', start_time = now(), due_at = now() + interval '1 minute'`);
    const { body } = await setMode('Maintenance');
    expect(body).toMatchObject({
      ...{ mode: 'Normal', pendingMode: 'Maintenance', blockingRuns: [] },
      blockingOperations: [{ kind: 'resolution' }],
    });
    expect(errorOf(await start()).code).toBe('MaintenanceMode');
    await api.call('PUT', '/v1/warehouse/mode', { key, body: { mode: 'Inspection', cancelIncompatible: true } });
    expect(
      await api.control.query('SELECT FROM warehouse_operations WHERE workspace_id = $1 AND stop_requested', [
        workspace,
      ]),
    ).toHaveLength(1);
  });

  it('that has not begun holds no change of the mode', async () => {
    await start();
    expect((await setMode('Maintenance')).body).toMatchObject({ mode: 'Maintenance', pendingMode: null });
  });
});

describe('the settings of identity resolution', () => {
  const settings = async () => (await api.call('GET', '/v1/identity-resolution/settings', { key })).body;
  const set = (body: unknown) => api.call('PUT', '/v1/identity-resolution/settings', { key, body });
  const properties = [
    { name: 'email', type: { kind: 'string' } },
    { name: 'number', type: { kind: 'decimal', precision: 12 } },
    { name: 'share', type: { kind: 'decimal', precision: 12, scale: 2 } },
    { name: 'born', type: { kind: 'date' } },
    {
      name: 'ids',
      type: { kind: 'object', properties: [{ name: 'device', type: { kind: 'uuid' }, readOptional: true }] },
    },
  ].map((property) => ({ ...property, readOptional: true, description: '' }));

  beforeEach(() =>
    api.control.query('UPDATE workspaces SET profile_schema = $2 WHERE id = $1', [
      workspace,
      { kind: 'object', properties },
    ]),
  );

  it('resolve after each import, by no identifier, at first', async () => {
    expect(await settings()).toEqual({ runOnBatchImport: true, identifiers: [] });
  });

  it('can be set, and are shown with the workspace', async () => {
    const wanted = { runOnBatchImport: false, identifiers: ['ids.device', 'number', 'email'] };
    expect((await set(wanted)).status).toBe(204);
    expect(await settings()).toEqual(wanted);
    const admin = await api.make.key(null);
    expect((await api.call('GET', `/v1/workspaces/${workspace}`, { key: admin })).body).toMatchObject({
      identifiers: wanted.identifiers,
      resolveIdentitiesOnBatchImport: false,
      primarySources: {},
    });
  });

  it.each([
    [{}, ['runOnBatchImport', 'identifiers']],
    [{ runOnBatchImport: true }, ['identifiers']],
    [{ runOnBatchImport: 1, identifiers: ['email', 'email'] }, ['runOnBatchImport', 'identifiers[1]']],
    [{ runOnBatchImport: true, identifiers: null }, ['identifiers']],
    [{ runOnBatchImport: true, identifiers: Array.from({ length: 11 }, (_, index) => `p${index}`) }, ['identifiers']],
  ])('are refused when they are %j', async (body, paths) => {
    const answer = await set(body);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    [['email', 'nope', 'ids.nope', 'email.x', ''], 'PropertyNotExist', [1, 2, 3, 4]],
    [['share', 'email', 'born', 'ids'], 'TypeNotAllowed', [0, 2, 3]],
  ])('are refused with the identifiers %j', async (identifiers, code, wrong) => {
    const answer = await set({ runOnBatchImport: true, identifiers });
    expect(errorOf(answer)).toMatchObject({ status: 422, code });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual(wrong.map((index) => `identifiers[${index}]`));
  });
});

describe('deleting a connection', () => {
  it('drops it from the primary sources', async () => {
    const [gone, stays] = [await api.make.connection(workspace), await api.make.connection(workspace)];
    await api.control.query('UPDATE workspaces SET primary_sources = $2 WHERE id = $1', [
      workspace,
      { email: gone, country: stays },
    ]);
    await api.call('DELETE', `/v1/connections/${gone}`, { key });
    expect((await api.call('GET', '/v1/profiles/schema', { key })).body.primarySources).toEqual({ country: stays });
  });
});
