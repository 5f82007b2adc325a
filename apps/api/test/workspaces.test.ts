import { API_PROFILE_SCHEMA, createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let admin: string;
let place: TestDatabase;
let places = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.make.key(null);
  place = await createEmptyDatabase();
});
afterAll(async () => {
  await api.close();
  await place.drop();
});

let schema: string;
beforeEach(() => {
  schema = `warehouse_${++places}`;
});

const bodyOf = (changes: object = {}, settings: object = {}) => ({
  name: 'Customers',
  profileSchema: API_PROFILE_SCHEMA,
  warehouse: { platform: 'PostgreSQL', settings: { ...settingsOf(place), schema, ...settings } },
  ...changes,
});
const create = (body: unknown = bodyOf()) => api.call('POST', '/v1/workspaces', { key: admin, body });
const rows = () => api.control.query('SELECT FROM workspaces');
const property = (name: string, changes: object = {}, type: object = { kind: 'string' }) => ({
  ...{ name, type, readOptional: true, description: '' },
  ...changes,
});
const withProfile = (...properties: object[]) => bodyOf({ profileSchema: { kind: 'object', properties } });

describe('creating a workspace', () => {
  it('initialises its warehouse', async () => {
    const { body } = await create();
    const columns = await place.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'penstock_identities'`,
      [schema],
    );
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['email', 'country', '_user_id']));
    const workspace = await api.call('GET', `/v1/workspaces/${body.id}`, { key: admin });
    expect(workspace.body).toMatchObject({
      id: body.id,
      name: 'Customers',
      warehousePlatform: 'PostgreSQL',
      warehouseMode: 'Normal',
      profileSchema: API_PROFILE_SCHEMA,
    });
    expect(body.id).toBeGreaterThanOrEqual(100_000_000);
  });

  it('can begin in another mode', async () => {
    const body = bodyOf();
    const { body: created } = await create({ ...body, warehouse: { ...body.warehouse, mode: 'Inspection' } });
    expect((await api.call('GET', `/v1/workspaces/${created.id}`, { key: admin })).body.warehouseMode).toBe(
      'Inspection',
    );
  });

  it('is refused where the place belongs to another workspace, and writes nothing', async () => {
    await create();
    const before = await rows();
    expect(errorOf(await create())).toMatchObject({ status: 422, code: 'DifferentWarehouse' });
    expect(await rows()).toHaveLength(before.length);
  });

  it('writes nothing when the warehouse cannot be reached', async () => {
    const before = await rows();
    const answer = await create(bodyOf({}, { port: 1 }));
    expect(errorOf(answer)).toMatchObject({ status: 503, code: 'WarehouseUnavailable' });
    expect(await rows()).toHaveLength(before.length);
  });

  it('is refused for an unknown platform', async () => {
    const answer = await create(bodyOf({ warehouse: { platform: 'Access', settings: {} } }));
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'WarehousePlatformNotExist' });
  });

  it('reports all that is wrong with the settings, without their values', async () => {
    const answer = await create(bodyOf({}, { port: 'hunter2', database: '', schema: 'pg_x', extra: 1 }));
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'InvalidWarehouseSettings' });
    const paths = answer.body.error.details.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['settings.port', 'settings.database', 'settings.schema', 'settings']),
    );
    expect(answer.text).not.toContain('hunter2');
  });

  it('reports all that is wrong with the body', async () => {
    const { body } = await create({ name: '', warehouse: { mode: 'Off' } });
    expect(body.error.details.map(({ path }: { path: string }) => path)).toEqual([
      'name',
      'profileSchema',
      'warehouse.platform',
      'warehouse.mode',
      'warehouse.settings',
    ]);
  });

  it.each([
    ['of another kind', { profileSchema: { kind: 'string' } }, 'profileSchema.kind'],
    ['without properties', { profileSchema: { kind: 'object' } }, 'profileSchema'],
    ['with an unknown key', { profileSchema: { ...API_PROFILE_SCHEMA, extra: 1 } }, 'profileSchema.extra'],
  ])('is refused with a profile schema %s', async (_what, changes, path) => {
    const { body } = await create(bodyOf(changes));
    expect(body.error).toMatchObject({ code: 'BadRequest', details: [{ path: expect.stringContaining(path) }] });
  });

  it.each([
    ['that must be there', property('a', { readOptional: false }), 'properties[0].readOptional'],
    ['that is nullable', property('a', { nullable: true }), 'properties[0].nullable'],
    ['that is required', property('a', { createRequired: true }), 'properties[0].createRequired'],
    ['with a placeholder', property('a', { prefilled: 'x' }), 'properties[0].prefilled'],
    ['that begins with _', property('_a'), 'properties[0].name'],
    [
      'that is an array of arrays',
      property('a', {}, { kind: 'array', elementType: { kind: 'array', elementType: { kind: 'string' } } }),
      'properties[0].type.elementType',
    ],
    ['with a pattern', property('a', {}, { kind: 'string', pattern: '^x$' }), 'properties[0].type.pattern'],
    ['with allowed values', property('a', {}, { kind: 'string', values: ['x'] }), 'properties[0].type.values'],
    [
      'with unique elements',
      property('a', {}, { kind: 'array', uniqueElements: true, elementType: { kind: 'string' } }),
      'properties[0].type.uniqueElements',
    ],
  ])('is refused with a property %s', async (_what, wrong, path) => {
    const { body } = await create(withProfile(wrong));
    expect(body.error.code).toBe('BadRequest');
    expect(body.error.details.map((detail: { path: string }) => detail.path)).toEqual([`profileSchema.${path}`]);
  });

  it('is refused with properties that would share a column', async () => {
    const nested = property('a', {}, { kind: 'object', properties: [property('b')] });
    const { body } = await create(withProfile(nested, property('A_B')));
    expect(body.error.details).toEqual([
      { path: 'profileSchema', message: 'has the properties "a.b" and "A_B", which would have the same column' },
    ]);
  });
});

describe('a workspace', () => {
  it('is listed by name', async () => {
    await create(bodyOf({ name: 'Zeta' }));
    schema = `warehouse_${++places}`;
    await create(bodyOf({ name: 'Alpha' }));
    const { body } = await api.call('GET', '/v1/workspaces', { key: admin });
    const names = body.workspaces.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['Alpha', 'Zeta']));
  });

  it('can be renamed', async () => {
    const id = await api.make.workspace();
    expect((await api.call('PUT', `/v1/workspaces/${id}`, { key: admin, body: { name: 'Renamed' } })).status).toBe(204);
    expect((await api.call('GET', `/v1/workspaces/${id}`, { key: admin })).body.name).toBe('Renamed');
  });

  it('that is deleted takes its connections and pipelines with it and does not exist any more', async () => {
    const { workspace, key } = await api.tenant();
    const pipeline = await api.make.pipeline(workspace);
    expect((await api.call('DELETE', `/v1/workspaces/${workspace}`, { key: admin })).status).toBe(204);
    const missing = { status: 404, code: 'NotFound', message: 'workspace does not exist' };
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { name: 'x' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await api.call(method, `/v1/workspaces/${workspace}`, { key: admin, ...(body && { body }) });
      expect(errorOf(answer)).toEqual(missing);
    }
    expect(errorOf(await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key, body: {} }))).toEqual(missing);
    expect(errorOf(await api.call('GET', `/v1/pipelines/${pipeline}`, { key: admin, workspace }))).toEqual(missing);
    const { body } = await api.call('GET', '/v1/workspaces', { key: admin });
    expect(body.workspaces.map(({ id }: { id: number }) => id)).not.toContain(workspace);
  });

  it('shows its profile schema to its keys', async () => {
    const { key } = await api.tenant();
    expect((await api.call('GET', '/v1/profiles/schema', { key })).body).toEqual({
      schema: API_PROFILE_SCHEMA,
      primarySources: {},
    });
  });
});

describe('API keys', () => {
  it('are shown once and work', async () => {
    const { workspace } = await api.tenant();
    const { body } = await api.call('POST', '/v1/keys', { key: admin, body: { name: 'Reader', workspace } });
    expect(body).toMatchObject({ name: 'Reader', workspace, hint: body.key.slice(0, 10) });
    expect((await api.call('GET', '/v1/pipelines', { key: body.key })).status).toBe(200);
    const { keys } = (await api.call('GET', '/v1/keys', { key: admin })).body;
    expect(keys.find(({ id }: { id: number }) => id === body.id)).toEqual({
      id: body.id,
      name: 'Reader',
      workspace,
      hint: body.hint,
      createdAt: body.createdAt,
    });
  });

  it('are admin keys only where that is said: a workspace that is left out is not none', async () => {
    const left = await api.call('POST', '/v1/keys', { key: admin, body: { name: 'Admin', workspaces: 7 } });
    expect(left.body.error).toMatchObject({
      code: 'BadRequest',
      details: [{ path: 'workspace', message: 'is required' }],
    });
    const { body } = await api.call('POST', '/v1/keys', { key: admin, body: { name: 'Admin', workspace: null } });
    expect(body.workspace).toBeNull();
    expect((await api.call('GET', '/v1/workspaces', { key: body.key })).status).toBe(200);
  });

  it('are not made for a workspace that does not exist', async () => {
    const answer = await api.call('POST', '/v1/keys', { key: admin, body: { name: 'x', workspace: 7 } });
    expect(errorOf(answer)).toEqual({ status: 404, code: 'NotFound', message: 'workspace does not exist' });
  });

  it('are stored as hashes only', async () => {
    const { body } = await api.call('POST', '/v1/keys', { key: admin, body: { name: 'Hashed', workspace: null } });
    const stored = JSON.stringify(
      await api.control.query(`SELECT id, name, encode(hash, 'escape'), hint FROM api_keys`),
    );
    expect(stored).not.toContain(body.key);
    expect(stored).not.toContain(body.key.slice(14));
  });

  it('that are unknown cannot be deleted', async () => {
    expect(errorOf(await api.call('DELETE', '/v1/keys/999999', { key: admin }))).toMatchObject({ status: 404 });
    expect(errorOf(await api.call('DELETE', '/v1/keys/0', { key: admin }))).toMatchObject({ status: 400 });
  });
});
