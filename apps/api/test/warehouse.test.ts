import { API_PROFILE_SCHEMA, createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let place: TestDatabase;
let admin: string;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start();
  place = await createEmptyDatabase();
  admin = await api.make.key(null);
});
afterAll(async () => {
  await api.close();
  await place.drop();
});

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
});

const get = async () => (await api.call('GET', '/v1/warehouse', { key })).body;
const setMode = (body: unknown) => api.call('PUT', '/v1/warehouse/mode', { key, body });
const start = async () => {
  const pipeline = await api.make.pipeline(workspace);
  return { pipeline, run: (await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key })).body.id as number };
};

describe('the warehouse of a workspace', () => {
  it('is shown with its secrets redacted', async () => {
    const warehouse = await get();
    expect(warehouse).toMatchObject({ platform: 'PostgreSQL', mode: 'Normal', pendingMode: null, blockingRuns: [] });
    expect(warehouse.settings.username).toBe('reader');
    expect(JSON.stringify(warehouse)).not.toContain('hunter2');
  });
});

describe('its mode', () => {
  it.each(['Inspection', 'Maintenance', 'Normal'])('changes to %s at once when nothing runs', async (mode) => {
    expect((await setMode({ mode })).body).toMatchObject({ mode, pendingMode: null });
    expect(await get()).toMatchObject({ mode, pendingMode: null });
  });

  it('waits for live runs, says which, and refuses new ones as the new mode does', async () => {
    const { pipeline, run } = await start();
    const { body } = await setMode({ mode: 'Inspection', cancelIncompatible: false });
    expect(body).toMatchObject({ mode: 'Normal', pendingMode: 'Inspection', blockingRuns: [{ run, pipeline }] });
    const other = await api.make.pipeline(workspace);
    expect(errorOf(await api.call('POST', `/v1/pipelines/${other}/runs`, { key })).code).toBe('InspectionMode');
    await api.call('POST', `/v1/runs/${run}/cancel`, { key });
    expect(await get()).toMatchObject({ mode: 'Inspection', pendingMode: null, blockingRuns: [] });
  });

  it('cancels live runs when asked to', async () => {
    const { run } = await start();
    expect((await setMode({ mode: 'Maintenance', cancelIncompatible: true })).body.mode).toBe('Maintenance');
    expect((await api.call('GET', `/v1/runs/${run}`, { key })).body).toMatchObject({
      status: 'cancelled',
      cancelledBy: expect.stringMatching(/^API key \d+$/),
    });
  });

  it.each([[{}], [{ mode: 'normal' }], [{ mode: null }], [{ mode: 'Normal', cancelIncompatible: 'yes' }]])(
    'is not changed by %j',
    async (body) => {
      await setMode({ mode: 'Inspection' });
      expect(errorOf(await setMode(body)).status).toBe(400);
      expect((await get()).mode).toBe('Inspection');
    },
  );
});

describe('testing a warehouse', () => {
  const test = (body: unknown, call: object = { key: admin }) =>
    api.call('POST', '/v1/warehouse/test', { ...call, body });

  it('finds that a place can be one, without changing it', async () => {
    const settings = { ...settingsOf(place), schema: 'untouched' };
    expect((await test({ platform: 'PostgreSQL', settings })).body).toEqual({ ok: true });
    expect(await place.query(`SELECT FROM pg_namespace WHERE nspname = 'untouched'`)).toHaveLength(0);
  });

  it('says when it cannot be reached, or what is wrong with the settings', async () => {
    const unreachable = await test({ platform: 'PostgreSQL', settings: { ...settingsOf(place), port: 1 } });
    expect(errorOf(unreachable)).toMatchObject({ status: 422, code: 'WarehouseNotInitializable' });
    expect(errorOf(unreachable).message).toMatch(/^data warehouse cannot be used: .*(reach|connect)/);
    expect(errorOf(await test({ platform: 'PostgreSQL', settings: {} })).code).toBe('InvalidWarehouseSettings');
    expect(errorOf(await test({ platform: 'Access', settings: {} })).code).toBe('WarehousePlatformNotExist');
  });

  it('without settings tests that of the workspace', async () => {
    const own = await api.make.workspace(settingsOf(place));
    expect((await test({}, { key: admin, workspace: own })).body).toEqual({ ok: true });
    expect((await test(undefined, { key: await api.make.key(own) })).body).toEqual({ ok: true });
  });

  it('needs settings where there is no workspace', async () => {
    expect(errorOf(await test({}))).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(errorOf(await test({ platform: 'PostgreSQL' }, { key }))).toMatchObject({ status: 400, code: 'BadRequest' });
  });
});

describe('the identities of a connection', () => {
  it('are listed with their attributes, a page at a time', async () => {
    const created = await api.call('POST', '/v1/workspaces', {
      key: admin,
      body: {
        name: 'With identities',
        profileSchema: API_PROFILE_SCHEMA,
        warehouse: { platform: 'PostgreSQL', settings: { ...settingsOf(place), schema: 'identities' } },
      },
    });
    const own = await api.make.key(created.body.id);
    const pipeline = await api.make.pipeline(created.body.id);
    const [row] = await api.control.query<{ connection: number }>(
      'SELECT connection_id AS connection FROM pipelines WHERE id = $1',
      [pipeline],
    );
    const connection = row?.connection ?? 0;
    await place.query(
      `CREATE TABLE identities.own PARTITION OF identities.penstock_identities FOR VALUES IN (${pipeline})`,
    );
    await place.query(
      `INSERT INTO identities.penstock_identities (_pipeline, _connection, _user_id, _updated_at, _run, email)
       SELECT $1, $2, 'u' || i, timestamp '2026-01-01 00:00:00' + i * interval '1 second', 1, CASE WHEN i < 3 THEN 'u' || i || '@x.org' END
       FROM generate_series(1, 3) AS i`,
      [pipeline, connection],
    );
    const list = (query: string) => api.call('GET', `/v1/connections/${connection}/identities${query}`, { key: own });
    expect((await list('')).body).toEqual({
      identities: [
        { userId: 'u3', connection, pipeline, updatedAt: '2026-01-01T00:00:03Z', attributes: {} },
        { userId: 'u2', connection, pipeline, updatedAt: '2026-01-01T00:00:02Z', attributes: { email: 'u2@x.org' } },
        { userId: 'u1', connection, pipeline, updatedAt: '2026-01-01T00:00:01Z', attributes: { email: 'u1@x.org' } },
      ],
      total: 3,
    });
    expect((await list('?first=1&limit=1')).body.identities.map(({ userId }: { userId: string }) => userId)).toEqual([
      'u2',
    ]);
    await api.call('PUT', '/v1/warehouse/mode', { key: own, body: { mode: 'Inspection' } });
    expect((await list('')).status).toBe(200);
    await api.call('PUT', '/v1/warehouse/mode', { key: own, body: { mode: 'Maintenance' } });
    expect(errorOf(await list(''))).toEqual({
      status: 422,
      code: 'MaintenanceMode',
      message: 'data warehouse is in maintenance mode',
    });
  });

  it('of an unknown connection, or of that of another, are not found', async () => {
    const other = await api.make.connection(await api.make.workspace());
    for (const id of [5, other]) {
      expect(errorOf(await api.call('GET', `/v1/connections/${id}/identities`, { key })).message).toBe(
        'connection does not exist',
      );
    }
  });

  it.each(['first=-1', 'limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2'])(
    'are not listed with %s',
    async (query) => {
      const connection = await api.make.connection(workspace);
      expect(errorOf(await api.call('GET', `/v1/connections/${connection}/identities?${query}`, { key })).status).toBe(
        400,
      );
    },
  );
});
