import { leafProperties, parseSchema, type Value } from '@penstock/language';
import { createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detailsOf, errorOf } from './support/client.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

const property = (name: string, type: object) => ({ name, type, readOptional: true, description: '' });

const SCHEMA = {
  kind: 'object',
  properties: [
    property('email', { kind: 'string' }),
    property('visits', { kind: 'int', bitSize: 64 }),
    property('home', {
      kind: 'object',
      properties: [property('city', { kind: 'string' }), property('zip', { kind: 'string' })],
    }),
    property('tags', { kind: 'array', elementType: { kind: 'string' } }),
    property('extra', { kind: 'json' }),
  ],
};

const COLUMNS = leafProperties(parseSchema(SCHEMA)).map(({ path, column, property: { type } }) => ({
  ...{ path, column, type },
}));

const CONNECTION = 223_456_789;

/** User id, update time, then a value for each column. */
const IDENTITIES: readonly (readonly [string, string, ...Value[]])[] = [
  ['1', '2026-01-01 00:00:00', 'anna@x.org', '9007199254740993', 'Rome', '00100', ['a', 'b'], '{"n":1}'],
  ['2', '2026-01-02 00:00:00', 'bert@x.org', '7', 'Oslo', null, null, null],
  ['3', '2026-01-03 00:00:00', 'anna@x.org', null, null, null, ['c'], null],
  ['4', '2026-01-04 00:00:00', 'carl@x.org', '8', null, null, null, null],
];

let api: TestApi;
let place: TestDatabase;
let key: string;
let workspace: number;
let pipeline: number;

beforeAll(async () => {
  api = await TestApi.start();
  place = await createEmptyDatabase();
  const admin = await api.make.key(null);
  const settings = { ...settingsOf(place), schema: 'warehouse' };
  const body = { name: 'Profiles', profileSchema: SCHEMA, warehouse: { platform: 'PostgreSQL', settings } };
  workspace = (await api.call('POST', '/v1/workspaces', { key: admin, body })).body.id;
  key = await api.make.key(workspace);
  pipeline = await api.make.pipeline(workspace);
  const platform = api.deps.warehouses.get('PostgreSQL');
  await importIdentities(settings);
  const { signal } = new AbortController();
  const request = { workspace, columns: COLUMNS, identifiers: ['email'], primarySources: {} };
  expect(await platform.resolveIdentities(settings, request, signal)).toMatchObject({ profiles: 3 });
});
afterAll(async () => {
  await api.close();
  await place.drop();
});

async function importIdentities(settings: object): Promise<void> {
  const warehouse = api.deps.warehouses.get('PostgreSQL').open(settings);
  const owner = { workspace, connection: CONNECTION, pipeline, run: 1, epoch: 1 };
  const mapped = COLUMNS.map(({ path }) => path);
  const target = { ...owner, columns: COLUMNS, mapped, onRefused: () => undefined };
  const attempt = await warehouse.beginImport(target, new AbortController().signal);
  await attempt.stage(IDENTITIES);
  const counts = { passed: [4, 4, 0, 4, 4, 4], failed: [0, 0, 0, 0, 0, 0] };
  const plan = { removeVanished: true, compareUpdatedAt: true, maxRemovedShare: 1, counts, cursor: null };
  await attempt.publish(plan);
  await attempt.close();
}

const list = (query: Record<string, string> = {}) =>
  api.call('GET', `/v1/profiles?${new URLSearchParams(query)}`, { key });
const emails = async (query: Record<string, string>) =>
  (await list(query)).body.profiles.map(({ attributes }: { attributes: { email: string } }) => attributes.email);
const idOf = async (email: string): Promise<string> => {
  const filter = JSON.stringify({
    logical: 'and',
    conditions: [{ property: 'email', operator: 'is', values: [email] }],
  });
  return (await list({ filter })).body.profiles[0].id;
};

describe('the list of profiles', () => {
  it('shows them with their attributes as data, the newest first, and the schema that these have', async () => {
    const { body } = await list();
    expect(body).toMatchObject({ schema: SCHEMA, total: 3 });
    expect(body.profiles.map(({ id: _, ...rest }: { id: string }) => rest)).toEqual([
      { updatedAt: '2026-01-04T00:00:00Z', attributes: { email: 'carl@x.org', visits: '8' } },
      {
        updatedAt: '2026-01-03T00:00:00Z',
        attributes: {
          email: 'anna@x.org',
          visits: '9007199254740993',
          home: { city: 'Rome', zip: '00100' },
          tags: ['c', 'a', 'b'],
          extra: { n: 1 },
        },
      },
      { updatedAt: '2026-01-02T00:00:00Z', attributes: { email: 'bert@x.org', visits: '7', home: { city: 'Oslo' } } },
    ]);
  });

  it('can be of some properties, in the order of the schema', async () => {
    const { body } = await list({ properties: 'home,email', limit: '1', first: '1' });
    expect(body.schema.properties.map(({ name }: { name: string }) => name)).toEqual(['email', 'home']);
    expect(body.profiles.map(({ attributes }: { attributes: object }) => attributes)).toEqual([
      { email: 'anna@x.org', home: { city: 'Rome', zip: '00100' } },
    ]);
    expect(body.total).toBe(3);
  });

  it('can be ordered, by properties of objects too', async () => {
    expect(await emails({ order: 'visits' })).toEqual(['anna@x.org', 'carl@x.org', 'bert@x.org']);
    expect(await emails({ order: 'visits', orderDesc: 'false' })).toEqual(['bert@x.org', 'carl@x.org', 'anna@x.org']);
    expect(await emails({ order: 'home.city', orderDesc: 'false' })).toEqual([
      'bert@x.org',
      'anna@x.org',
      'carl@x.org',
    ]);
  });

  it('can be filtered, by properties that are not shown too', async () => {
    const conditions = [{ property: 'visits', operator: 'is less than', values: ['9'] }];
    const query = { filter: JSON.stringify({ logical: 'and', conditions }), properties: 'email' };
    expect((await list(query)).body).toMatchObject({ total: 2, profiles: [{}, {}] });
    expect((await list({ filter: '' })).body.total).toBe(3);
  });

  it.each([
    ['a filter that is no JSON', { filter: '{' }, 'filter'],
    ['a filter that is none', { filter: '{"logical":"xor"}' }, 'filter.logical'],
    [
      'a filter by json',
      { filter: '{"logical":"and","conditions":[{"property":"extra","operator":"exists"}]}' },
      'filter.conditions[0].property',
    ],
    ['a limit of 0', { limit: '0' }, 'limit'],
    ['a limit of 1001', { limit: '1001' }, 'limit'],
    ['a negative first', { first: '-1' }, 'first'],
    ['a direction that is none', { orderDesc: 'yes' }, 'orderDesc'],
    ['a property twice', { properties: 'email,email' }, 'properties'],
    ['no properties', { properties: '' }, 'properties'],
  ])('is a bad request with %s', async (_what, query, path) => {
    const answer = await list(query as unknown as Record<string, string>);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer).map((detail) => detail.path)).toContain(path);
  });

  it.each([
    [{ properties: 'email,nope,home.city' }, 'PropertyNotExist'],
    [{ order: 'nope' }, 'OrderNotExist'],
    [{ order: 'home.nope' }, 'OrderNotExist'],
    [{ order: 'home' }, 'OrderTypeNotSortable'],
    [{ order: 'tags' }, 'OrderTypeNotSortable'],
    [{ order: 'extra' }, 'OrderTypeNotSortable'],
  ])('is refused with %j', async (query, code) => {
    expect(errorOf(await list(query as Record<string, string>))).toMatchObject({ status: 422, code });
  });
});

describe('a profile', () => {
  it('is shown, whatever the case of its id', async () => {
    const id = await idOf('bert@x.org');
    const expected = { id, updatedAt: '2026-01-02T00:00:00Z', attributes: { email: 'bert@x.org' } };
    expect((await api.call('GET', `/v1/profiles/${id}`, { key })).body).toMatchObject(expected);
    expect((await api.call('GET', `/v1/profiles/${id.toUpperCase()}`, { key })).body).toMatchObject(expected);
  });

  it('has its identities, newest first', async () => {
    const id = await idOf('anna@x.org');
    const { body } = await api.call('GET', `/v1/profiles/${id}/identities`, { key });
    expect(body).toMatchObject({
      identities: [
        { userId: '3', connection: CONNECTION, pipeline, updatedAt: '2026-01-03T00:00:00Z' },
        { userId: '1', attributes: { email: 'anna@x.org', home: { city: 'Rome' } } },
      ],
      total: 2,
    });
    const page = await api.call('GET', `/v1/profiles/${id}/identities?first=1&limit=1`, { key });
    expect(page.body).toMatchObject({ identities: [{ userId: '1' }], total: 2 });
  });

  it.each([[''], ['/identities']])('that does not exist is not found%s', async (what) => {
    const unknown = await api.call('GET', `/v1/profiles/00000000-0000-4000-8000-000000000000${what}`, { key });
    expect(errorOf(unknown)).toMatchObject({ status: 404, message: 'profile does not exist' });
    expect((await api.call('GET', `/v1/profiles/nobody${what}`, { key })).status).toBe(400);
  });
});

describe('in maintenance mode', () => {
  it('profiles cannot be read, in inspection mode they can', async () => {
    const id = await idOf('bert@x.org');
    const paths = ['/v1/profiles', `/v1/profiles/${id}`, `/v1/profiles/${id}/identities`];
    await api.call('PUT', '/v1/warehouse/mode', { key, body: { mode: 'Maintenance' } });
    for (const path of paths) expect(errorOf(await api.call('GET', path, { key })).code).toBe('MaintenanceMode');
    await api.call('PUT', '/v1/warehouse/mode', { key, body: { mode: 'Inspection' } });
    for (const path of paths) expect((await api.call('GET', path, { key })).status).toBe(200);
    await api.call('PUT', '/v1/warehouse/mode', { key, body: { mode: 'Normal' } });
  });
});

describe('the preview of an alteration', () => {
  const properties = SCHEMA.properties.filter(({ name }) => name !== 'tags');

  it.each([['POST'], ['PUT']])('by %s shows what the warehouse would execute, and changes nothing', async (method) => {
    const body = { schema: { kind: 'object', properties } };
    const answer = await api.call(method, '/v1/profiles/schema/preview', { key, body });
    expect(answer.body.queries.join('\n')).toMatch(/DROP COLUMN "?tags"?/);
    expect((await list({ properties: 'tags' })).status).toBe(200);
    expect(await api.control.query('SELECT FROM warehouse_operations')).toEqual([]);
  });

  it('is refused as the alteration would be', async () => {
    const body = { schema: { kind: 'object', properties: [property('email', { kind: 'uuid' })] } };
    expect(errorOf(await api.call('POST', '/v1/profiles/schema/preview', { key, body })).code).toBe(
      'InvalidAlterSchema',
    );
  });
});

describe('the identities of a profile', () => {
  it('are without those of deleted pipelines, as those of a connection are', async () => {
    const id = await idOf('anna@x.org');
    expect((await api.call('DELETE', `/v1/pipelines/${pipeline}`, { key })).status).toBe(204);
    const answer = await api.call('GET', `/v1/profiles/${id}/identities`, { key });
    expect(answer).toMatchObject({ status: 200, body: { identities: [], total: 0 } });
  });
});
