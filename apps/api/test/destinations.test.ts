import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detailsOf, errorOf } from './support/client.js';
import { mapping, property, schema, TEXT } from './support/pipeline-kinds.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

const USERS = schema(property('email', TEXT, { nullable: true }), property('age', { kind: 'int', bitSize: 32 }));
const LISTED = [
  { id: 7, email: 'a@x.org', age: 30, at: '2026-01-01T00:00:00Z' },
  { id: 8, email: null, age: 'old', at: '2026-01-02T00:00:00Z' },
  { id: 9, email: 'c@x.org', age: 50, at: '2026-01-03T00:00:00Z' },
];

let api: TestApi;
let database: TestDatabase;
let application: Server;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start({ env: { FILESYSTEM_ROOT: '/srv/files', ALLOW_PRIVATE_NETWORKS: 'true' } });
  database = await createEmptyDatabase();
  await database.query(
    `CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL, years integer,
       upper_name text GENERATED ALWAYS AS (upper(name)) STORED)`,
  );
  application = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(LISTED));
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  ({ workspace, key } = await api.tenant());
});
afterAll(async () => {
  await api.close();
  application.close();
  await database.drop();
});

const applicationSettings = () => ({
  baseUrl: `http://127.0.0.1:${(application.address() as AddressInfo).port}`,
  schema: USERS,
  list: { path: '/users', updatedAtPointer: '/at' },
});
const connect = (role: string, connector: string, settings: object) =>
  api.call('POST', '/v1/connections', { key, body: { name: 'Shop', role, connector, settings } });
const connected = async (role: string, connector: string, settings: object): Promise<number> => {
  const { status, body } = await connect(role, connector, settings);
  expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
  return body.id;
};
const get = (connection: number, resource: string) =>
  api.call('GET', `/v1/connections/${connection}/${resource}`, { key });

describe('the role of a connection', () => {
  it.each([
    ['Destination', 'http-get', 'must be "Source": '],
    ['Source', 'http-post', 'must be "Destination": '],
  ])('must be one that its connector has: %s of %s', async (role, connector, message) => {
    const answer = await connect(role, connector, {});
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer)).toEqual([{ path: 'role', message: expect.stringContaining(message) }]);
  });

  it.each([
    ['filesystem', () => ({})],
    ['postgresql', () => settingsOf(database)],
    ['http-application', applicationSettings],
  ])('may be both with %s', async (connector, settings) => {
    for (const role of ['Source', 'Destination']) await connected(role, connector, settings());
  });

  it('is told by the list of connectors, with the settings of writing files', async () => {
    const { body } = await api.call('GET', '/v1/connectors', { key });
    const byCode = new Map<string, Record<string, unknown>>(
      body.connectors.map((connector: { code: string }) => [connector.code, connector]),
    );
    expect(byCode.get('postgresql')?.roles).toEqual(['Source', 'Destination']);
    expect(byCode.get('http-get')?.roles).toEqual(['Source']);
    expect(byCode.get('http-post')?.roles).toEqual(['Destination']);
    expect(byCode.get('http-application')).toMatchObject({ type: 'Application', roles: ['Source', 'Destination'] });
    expect(byCode.get('csv')).toMatchObject({
      settings: { properties: { trimLeadingSpace: {} } },
      writeSettings: { properties: { useCRLF: {} } },
    });
    expect(byCode.get('csv')).not.toHaveProperty('roles');
  });
});

describe('a table of a destination', () => {
  it('is shown as the outSchema that a pipeline can have', async () => {
    const connection = await connected('Destination', 'postgresql', settingsOf(database));
    const { status, body } = await get(connection, 'tables?name=users');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      schema: {
        kind: 'object',
        properties: [
          { name: 'id', type: { kind: 'string' }, createRequired: true },
          { name: 'name', type: { kind: 'string' } },
          { name: 'years', type: { kind: 'int', bitSize: 32 }, nullable: true },
        ],
      },
      required: ['id', 'name'],
      keys: ['id'],
    });
    expect(body.schema.properties[1]).not.toHaveProperty('createRequired');
    expect(JSON.stringify(body.issues)).toContain('upper_name');
    const pipeline = await api.call('POST', '/v1/pipelines', {
      key,
      body: {
        ...{ connection, target: 'User', name: 'Export', tableName: 'users', tableKey: 'id' },
        inSchema: schema(
          property('email', TEXT, { readOptional: true }),
          property('country', TEXT, { readOptional: true }),
        ),
        outSchema: body.schema,
        transformation: { mapping: { id: 'email', name: 'country', years: 'country' } },
      },
    });
    expect(pipeline.body.error?.details).toBeUndefined();
  });

  it('must exist', async () => {
    const connection = await connected('Destination', 'postgresql', settingsOf(database));
    expect(errorOf(await get(connection, 'tables?name=nothing'))).toMatchObject({
      status: 422,
      code: 'DestinationRefused',
    });
  });

  it('is not shown of a source, whose tables are listed all the same', async () => {
    const connection = await connected('Source', 'postgresql', settingsOf(database));
    expect(errorOf(await get(connection, 'tables?name=users'))).toMatchObject({ status: 400, code: 'BadRequest' });
    const { body } = await get(connection, 'tables');
    expect(body.tables).toContainEqual({ name: 'users', type: 'table' });
  });

  it.each(['', 'x'.repeat(1025)])('must have a name', async (name) => {
    const connection = await connected('Destination', 'postgresql', settingsOf(database));
    expect(detailsOf(await get(connection, `tables?name=${name}`))[0]?.path).toBe('name');
  });
});

describe('an application', () => {
  it('is tested with given settings, and with stored ones', async () => {
    const test = (body: object) => api.call('POST', '/v1/connections/test', { key, body });
    expect((await test({ connector: 'http-application', settings: applicationSettings() })).body).toEqual({ ok: true });
    const connection = await connected('Source', 'http-application', applicationSettings());
    expect((await test({ connection })).body).toEqual({ ok: true });
    const away = { ...applicationSettings(), baseUrl: 'http://127.0.0.1:1' };
    expect(errorOf(await test({ connector: 'http-application', settings: away }))).toMatchObject({
      status: 503,
      code: 'SourceUnavailable',
    });
  });

  const ADDRESS = schema(property('city', TEXT, { readOptional: true, createRequired: true }));
  const flagged = () => ({
    ...applicationSettings(),
    schema: schema(
      property('email', TEXT, { prefilled: 'a@example.com', createRequired: true, readOptional: true, nullable: true }),
      property('country', TEXT, { updateRequired: true, readOptional: true }),
      property('address', ADDRESS, { readOptional: true }),
    ),
  });
  const PROFILES = schema(
    property('email', TEXT, { readOptional: true }),
    property('country', TEXT, { readOptional: true }),
  );

  it('shows as a destination what a pipeline can have as its outSchema', async () => {
    const connection = await connected('Destination', 'http-application', flagged());
    const { body } = await get(connection, 'schemas/user');
    expect(body.schemas).toEqual({
      source: null,
      destination: schema(
        property('email', TEXT, { createRequired: true, nullable: true }),
        property('country', TEXT, { updateRequired: true }),
        property('address', schema(property('city', TEXT, { createRequired: true }))),
      ),
    });
    const pipeline = await api.call('POST', '/v1/pipelines', {
      key,
      body: {
        ...{ connection, target: 'User', name: 'Export', exportMode: 'CreateOrUpdate' },
        matching: { in: 'email', out: 'email' },
        ...{ inSchema: PROFILES, outSchema: body.schemas.destination },
        ...mapping({ country: 'country', 'address.city': 'country' }),
      },
    });
    expect(pipeline).toMatchObject({ status: 200 });
  });

  it.each(['schemas/user', 'users?limit=1'])(
    'shows as a source what a pipeline can have as its inSchema: %s',
    async (resource) => {
      const connection = await connected('Source', 'http-application', flagged());
      const { body } = await get(connection, resource);
      const inSchema = body.schema ?? body.schemas.source;
      expect(inSchema).toEqual(
        schema(
          property('email', TEXT, { readOptional: true, nullable: true }),
          property('country', TEXT, { readOptional: true }),
          property('address', schema(property('city', TEXT, { readOptional: true })), { readOptional: true }),
        ),
      );
      const pipeline = await api.call('POST', '/v1/pipelines', {
        key,
        body: {
          ...{ connection, target: 'User', name: 'Import', inSchema, outSchema: PROFILES },
          ...mapping({ email: 'email', country: "country ' ' address.city" }),
        },
      });
      expect(pipeline).toMatchObject({ status: 200 });
    },
  );

  it('shows its first users with their identifiers, and what is wrong with them', async () => {
    const connection = await connected('Source', 'http-application', applicationSettings());
    const { status, body } = await get(connection, 'users');
    expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
    expect(body.users[0]).toEqual({
      id: '7',
      updatedAt: expect.stringMatching(/^2026-01-01/),
      attributes: { email: 'a@x.org', age: 30 },
    });
    expect(body.users.map(({ id }: { id: string }) => id)).toEqual(['7', '8', '9']);
    expect(body.users[1].attributes.age).toBeNull();
    expect(body.issues).toEqual([expect.stringContaining('a value is not shown')]);
    expect(body.schema).toMatchObject(USERS);
  });

  it('shows as many users as are asked for', async () => {
    const connection = await connected('Source', 'http-application', applicationSettings());
    expect((await get(connection, 'users?limit=1')).body.users).toHaveLength(1);
    expect((await get(connection, 'users?limit=0')).body).toMatchObject({ users: [], schema: USERS });
    expect(detailsOf(await get(connection, 'users?limit=101'))[0]?.path).toBe('limit');
  });

  it('shows no users as a destination', async () => {
    const connection = await connected('Destination', 'http-application', applicationSettings());
    expect(errorOf(await get(connection, 'users'))).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it.each(['users', 'schemas/user'])('is what %s needs', async (resource) => {
    const connection = await connected('Source', 'postgresql', settingsOf(database));
    expect(errorOf(await get(connection, resource))).toMatchObject({
      status: 400,
      message: 'connection is of type Database, this needs an application',
    });
    expect(errorOf(await get(123_456_789, resource)).status).toBe(404);
  });
});

describe('the address of a file that is written', () => {
  it('has the placeholders replaced', async () => {
    const connection = await connected('Destination', 'filesystem', {});
    const { body } = await get(connection, `files/absolute?path=${encodeURIComponent('users-${today}.csv')}`);
    expect(body.path).toMatch(/users-\d{4}-\d{2}-\d{2}\.csv$/);
  });

  it('has none that do not exist', async () => {
    const connection = await connected('Destination', 'filesystem', {});
    const answer = await get(connection, `files/absolute?path=${encodeURIComponent('users-${hour}.csv')}`);
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'InvalidPlaceholder' });
  });
});

it('deleting a destination leaves a purge of what the warehouse remembers of its pipelines', async () => {
  const connection = await connected('Destination', 'filesystem', {});
  const { body } = await api.call('POST', '/v1/pipelines', {
    key,
    body: {
      ...{ connection, target: 'User', name: 'Export', format: 'csv', path: 'a.csv', orderBy: 'email' },
      inSchema: schema(property('email', TEXT, { readOptional: true })),
    },
  });
  expect((await api.call('DELETE', `/v1/connections/${connection}`, { key })).status).toBe(204);
  expect(
    await api.control.query('SELECT pipeline_id FROM pending_purges WHERE workspace_id = $1', [workspace]),
  ).toEqual([{ pipeline_id: body.id }]);
});
