import { API_PROFILE_SCHEMA } from '@penstock/shared/testing';
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

const property = (name: string, type: object = { kind: 'string' }, changes: object = {}) => ({
  ...{ name, type, readOptional: true, description: '' },
  ...changes,
});
const object = (...properties: object[]) => ({ kind: 'object', properties });
const begin = (schema: object) =>
  api.control.query('UPDATE workspaces SET profile_schema = $2 WHERE id = $1', [workspace, schema]);
const alter = (body: unknown) => api.call('PUT', '/v1/profiles/schema', { key, body });
const requests = async () =>
  (
    await api.control.query<{ request: object }>(
      `SELECT request FROM warehouse_operations WHERE workspace_id = $1 AND kind = 'alteration'`,
      [workspace],
    )
  ).map(({ request }) => request);
const latest = async () => (await api.call('GET', '/v1/profiles/schema/latest-alter', { key })).body;
const setMode = (mode: string) => api.call('PUT', '/v1/warehouse/mode', { key, body: { mode } });
/** What the schema becomes without a warehouse: kept paths of an accepted alteration, or the findings. */
const keptOf = async (schema: object, rePaths?: object) => {
  const answer = await alter({ schema, rePaths });
  if (answer.status !== 204) return detailsOf(answer).map(({ path, message }) => `${path} ${message}`);
  return ((await requests()) as { kept: object }[])[0]?.kept;
};

describe('the profile schema', () => {
  it('is shown with the primary sources of its properties', async () => {
    const connection = await api.make.connection(workspace);
    await api.control.query('UPDATE workspaces SET primary_sources = $2 WHERE id = $1', [
      workspace,
      { email: connection },
    ]);
    expect((await api.call('GET', '/v1/profiles/schema', { key })).body).toEqual({
      schema: API_PROFILE_SCHEMA,
      primarySources: { email: connection },
    });
  });

  it('was never altered at first', async () => {
    expect(await latest()).toEqual({ startTime: null, endTime: null, error: null });
  });
});

describe('an alteration of the profile schema', () => {
  it('is answered at once and shows as under way until it was carried out', async () => {
    const connection = await api.make.connection(workspace);
    const schema = object(...API_PROFILE_SCHEMA.properties, property('age', { kind: 'int', bitSize: 32 }));
    expect((await alter({ schema, primarySources: { email: connection } })).status).toBe(204);
    expect(await latest()).toEqual({ startTime: expect.stringMatching(/Z$/), endTime: null, error: null });
    expect(await requests()).toEqual([
      { schema, kept: { email: 'email', country: 'country' }, primarySources: { email: connection } },
    ]);
    expect((await api.call('GET', '/v1/profiles/schema', { key })).body.schema).toEqual(API_PROFILE_SCHEMA);
    expect(await api.deps.queues.upkeep.getJobs()).toMatchObject([{ name: 'operate-warehouse', data: { workspace } }]);
    await api.deps.queues.upkeep.obliterate({ force: true });
  });

  it.each([['alteration'], ['resolution']])('is refused while an %s is queued or under way', async (kind) => {
    const body = { schema: API_PROFILE_SCHEMA };
    await api.control.query(`INSERT INTO warehouse_operations (workspace_id, kind, request) VALUES ($1, $2, '{}')`, [
      workspace,
      kind,
    ]);
    expect(errorOf(await alter(body))).toMatchObject({ status: 422, code: 'OperationAlreadyExecuting' });
    await api.control.query(`UPDATE warehouse_operations SET status = 'running' WHERE workspace_id = $1`, [workspace]);
    expect(errorOf(await alter(body)).code).toBe('OperationAlreadyExecuting');
    await api.control.query(
      `UPDATE warehouse_operations SET status = 'succeeded', end_time = now() WHERE workspace_id = $1`,
      [workspace],
    );
    expect((await alter(body)).status).toBe(204);
  });

  it('is not kept waiting by a resolution that waits for the mode, or for its next attempt', async () => {
    await api.control.query(`INSERT INTO warehouse_operations (workspace_id, kind) VALUES ($1, 'resolution')`, [
      workspace,
    ]);
    await setMode('Maintenance');
    expect((await alter({ schema: API_PROFILE_SCHEMA })).status).toBe(204);
  });

  it('is accepted once of many that are asked for at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => alter({ schema: API_PROFILE_SCHEMA })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 19 }, () => 422)]);
  });

  it('is refused in inspection mode, not in maintenance mode', async () => {
    await setMode('Inspection');
    expect(errorOf(await alter({ schema: API_PROFILE_SCHEMA }))).toMatchObject({ status: 422, code: 'InspectionMode' });
    await setMode('Maintenance');
    expect((await alter({ schema: API_PROFILE_SCHEMA })).status).toBe(204);
  });

  it.each([
    ['no body', {}, 'schema'],
    ['no object', { schema: { kind: 'string' } }, 'schema.kind'],
    ['no properties', { schema: { kind: 'object' } }, 'schema'],
    [
      'a connection that is no id',
      { schema: API_PROFILE_SCHEMA, primarySources: { email: 'x' } },
      'primarySources.email',
    ],
    ['a path that is no text', { schema: API_PROFILE_SCHEMA, rePaths: { email: 1 } }, 'rePaths.email'],
  ])('is a bad request with %s', async (_what, body, path) => {
    const answer = await alter(body);
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer).map((detail) => detail.path)).toContain(path);
  });

  it('is refused with everything that is wrong with it', async () => {
    const answer = await alter({
      schema: object(
        property('email', { kind: 'int', bitSize: 32 }),
        property('a', { kind: 'string' }, { readOptional: false }),
        property('_b'),
        property('tags', { kind: 'array', elementType: { kind: 'string' } }),
      ),
      primarySources: { tags: 1, nope: 1 },
      rePaths: { nothing: 'country', a: 'nowhere' },
    });
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'InvalidAlterSchema' });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual([
      'schema.properties[1].readOptional',
      'schema.properties[2].name',
      'rePaths["nothing"]',
      'rePaths["a"]',
      'schema',
      'primarySources["tags"]',
      'primarySources["nope"]',
    ]);
    expect(await requests()).toEqual([]);
  });

  it('is refused for primary sources that are no source connections of the workspace', async () => {
    const other = await api.make.connection((await api.tenant()).workspace);
    const destination = await api.make.connection(workspace, { role: 'Destination' });
    for (const connection of [other, destination, 123456789]) {
      const answer = await alter({ schema: API_PROFILE_SCHEMA, primarySources: { email: connection } });
      expect(errorOf(answer)).toMatchObject({ status: 422, code: 'ConnectionNotExist' });
      expect(detailsOf(answer)[0]?.path).toBe('primarySources["email"]');
    }
  });
});

describe('what becomes of properties', () => {
  const city = property('city');
  const zip = property('zip');

  beforeEach(() => begin(object(property('email'), property('phone'), property('home', object(city, zip)))));

  it('is that they stay where they are, unless something else is said', async () => {
    expect(await keptOf(object(property('home', object(zip)), property('email'), property('new')))).toEqual({
      'home.zip': 'home.zip',
      email: 'email',
    });
  });

  it('can be that two of them exchange their names', async () => {
    const schema = object(property('email'), property('phone'));
    expect(await keptOf(schema, { email: 'phone', phone: 'email' })).toEqual({ email: 'phone', phone: 'email' });
  });

  it('can be that an object is renamed, with what is in it, and within it', async () => {
    const schema = object(property('house', object(property('town'), zip)));
    expect(await keptOf(schema, { house: 'home', 'house.town': 'home.city' })).toEqual({
      'house.town': 'home.city',
      'house.zip': 'home.zip',
    });
  });

  it('can be that a new one takes the path of an old one, whose values go', async () => {
    expect(await keptOf(object(property('email', { kind: 'uuid' }), property('phone')), { email: null })).toEqual({
      phone: 'phone',
    });
    await api.control.query('DELETE FROM warehouse_operations');
    expect(await keptOf(object(property('home', object(city))), { home: null })).toEqual({});
  });

  it('cannot be a move to another parent', async () => {
    expect(await keptOf(object(property('city')), { city: 'home.city' })).toEqual([
      'rePaths["city"] names "home.city": a property can be renamed, but not moved to another parent',
    ]);
    expect(await keptOf(object(property('fresh', object(city))), { 'fresh.city': 'home.city' })).toHaveLength(1);
  });

  it('cannot be another type, at the same path or at another', async () => {
    const advice = 'a type cannot be changed: with rePaths';
    expect(await keptOf(object(property('email', { kind: 'uuid' })))).toEqual([
      expect.stringMatching(`^schema property "email" has type string and not uuid; ${advice}`),
    ]);
    expect(await keptOf(object(property('mail', { kind: 'string', maxLength: 5 })), { mail: 'email' })).toEqual([
      expect.stringContaining('schema property "mail" has type string'),
    ]);
    expect(await keptOf(object(property('home')))).toHaveLength(1);
    expect(await keptOf(object(property('email', object(city))))).toHaveLength(1);
  });

  it('cannot be ambiguous', async () => {
    expect(await keptOf(object(property('email'), property('mail')), { mail: 'email' })).toEqual([
      expect.stringMatching(/^rePaths\["email"\] is needed: "email" became "mail"/),
    ]);
    expect(await keptOf(object(property('a'), property('b')), { a: 'email', b: 'email' })).toEqual([
      'rePaths["b"] names "email", which became "a" already',
    ]);
  });
});
