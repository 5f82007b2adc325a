import { createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { settingsOf } from './support/settings-of.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let source: TestDatabase;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start();
  source = await createEmptyDatabase();
  await source.query(`CREATE TABLE users (id text, age integer, place point)`);
  await source.query(`INSERT INTO users VALUES ('u1', 30, '(1,2)'), ('u2', NULL, NULL), ('u3', 50, NULL)`);
});
afterAll(async () => {
  await api.close();
  await source.drop();
});

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
});

const bodyOf = (changes: object = {}) => ({
  ...{ name: 'Shop', role: 'Source', connector: 'postgresql', settings: settingsOf(source) },
  ...changes,
});
const create = (changes: object = {}) => api.call('POST', '/v1/connections', { key, body: bodyOf(changes) });
const get = async (id: number) => (await api.call('GET', `/v1/connections/${id}`, { key })).body;
const replace = (id: number, body: unknown) => api.call('PUT', `/v1/connections/${id}`, { key, body });
const storedSettings = async (id: number) => {
  const [row] = await api.control.query<{ settings: string }>('SELECT settings FROM connections WHERE id = $1', [id]);
  return JSON.parse(api.deps.secrets.decrypt(row?.settings ?? ''));
};

describe('a connection', () => {
  it('can be made and is shown with its secrets redacted', async () => {
    const { body } = await create({ settings: { ...settingsOf(source), password: 'hunter2' } });
    const connection = await get(body.id);
    expect(connection).toMatchObject({
      id: body.id,
      name: 'Shop',
      connector: 'postgresql',
      connectorType: 'Database',
      role: 'Source',
    });
    expect(connection.settings).toMatchObject({ database: settingsOf(source).database, password: '[REDACTED]' });
    expect((await storedSettings(body.id)).password).toBe('hunter2');
  });

  it('keeps its settings encrypted', async () => {
    await create({ settings: { ...settingsOf(source), password: 'hunter2' } });
    const stored = JSON.stringify(await api.control.query('SELECT * FROM connections'));
    expect(stored).not.toContain('hunter2');
    expect(stored).not.toContain(settingsOf(source).database);
  });

  it('is refused for an unknown connector', async () => {
    expect(errorOf(await create({ connector: 'oracle' }))).toMatchObject({ status: 422, code: 'ConnectorNotExist' });
  });

  it('is refused with settings that are not valid: all that is wrong is told, no value is', async () => {
    const answer = await create({ settings: { port: 'hunter2', username: '', surplus: 'hunter2' } });
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'InvalidSettings' });
    const paths = answer.body.error.details.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['settings.host', 'settings.port', 'settings.username', 'settings.database', 'settings']),
    );
    expect(answer.text).not.toContain('hunter2');
    expect(api.log.text()).not.toContain('hunter2');
  });

  it('is refused with all that is wrong with the body', async () => {
    const { body } = await api.call('POST', '/v1/connections', {
      key,
      body: { name: 'x'.repeat(101), role: 'source', settings: [] },
    });
    expect(body.error.details).toEqual([
      { path: 'name', message: 'must not be longer than 100 characters' },
      { path: 'role', message: 'must be one of "Source", "Destination"' },
      { path: 'connector', message: 'is required' },
      { path: 'settings', message: 'must be an object' },
    ]);
  });

  it.each(['a\u0000b', '\ud800'])('must not have the name %j, which cannot be stored', async (name) => {
    expect((await create({ name })).status).toBe(400);
  });

  it('may have a name of 100 characters that take more than one unit', async () => {
    const { body } = await create({ name: '😀'.repeat(100) });
    expect((await get(body.id)).name).toBe('😀'.repeat(100));
  });

  it('is listed by name', async () => {
    await create({ name: 'b' });
    await create({ name: 'a' });
    const { body } = await api.call('GET', '/v1/connections', { key });
    expect(body.connections.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
  });

  it('of another workspace does not exist', async () => {
    const other = await api.make.connection(await api.make.workspace());
    const missing = { status: 404, code: 'NotFound', message: 'connection does not exist' };
    expect(errorOf(await api.call('GET', `/v1/connections/${other}`, { key }))).toEqual(missing);
    expect(errorOf(await replace(other, { name: 'x' }))).toEqual(missing);
    expect(errorOf(await api.call('DELETE', `/v1/connections/${other}`, { key }))).toEqual(missing);
    expect(
      errorOf(await api.call('POST', `/v1/connections/${other}/query`, { key, body: { query: 'SELECT 1' } })),
    ).toEqual(missing);
    expect(errorOf(await api.call('POST', '/v1/connections/test', { key, body: { connection: other } }))).toEqual(
      missing,
    );
  });

  it('that is deleted takes its pipelines with it', async () => {
    const pipeline = await api.make.pipeline(workspace);
    const { connection } = (await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).body;
    expect((await api.call('DELETE', `/v1/connections/${connection}`, { key })).status).toBe(204);
    expect((await api.call('GET', `/v1/pipelines/${pipeline}`, { key })).status).toBe(404);
  });
});

describe('replacing a connection', () => {
  it('without settings keeps them', async () => {
    const { body } = await create({ settings: { ...settingsOf(source), password: 'kept' } });
    expect((await replace(body.id, { name: 'Renamed' })).status).toBe(204);
    expect((await get(body.id)).name).toBe('Renamed');
    expect((await storedSettings(body.id)).password).toBe('kept');
  });

  it('with settings replaces all of them', async () => {
    const { body } = await create({ settings: { ...settingsOf(source), password: 'old', schema: 'other' } });
    await replace(body.id, { name: 'Shop', settings: { ...settingsOf(source), password: 'new' } });
    expect(await storedSettings(body.id)).toMatchObject({ password: 'new', schema: 'public' });
  });

  it('never takes the redacted text for a secret, nor the stored secret for it', async () => {
    const { body } = await create({ settings: { ...settingsOf(source), password: 'kept' } });
    const { settings } = await get(body.id);
    const answer = await replace(body.id, { name: 'Shop', settings: { ...settings, host: 'elsewhere.example' } });
    expect(errorOf(answer)).toMatchObject({ status: 422, code: 'InvalidSettings' });
    expect(answer.body.error.details).toEqual([
      { path: 'settings.password', message: 'is the redacted text: give the secret itself' },
    ]);
    expect(await storedSettings(body.id)).toMatchObject({ password: 'kept', host: settingsOf(source).host });
  });
});

describe('testing a connection', () => {
  const test = (body: unknown) => api.call('POST', '/v1/connections/test', { key, body });

  it('with given settings, or with stored ones, opens it', async () => {
    expect((await test({ connector: 'postgresql', settings: settingsOf(source) })).body).toEqual({ ok: true });
    const { body } = await create();
    expect((await test({ connection: body.id })).body).toEqual({ ok: true });
  });

  it('says what is wrong when it cannot be opened, without the password', async () => {
    const unreachable = await test({
      connector: 'postgresql',
      settings: { ...settingsOf(source), port: 1, password: 'hunter2' },
    });
    expect(errorOf(unreachable)).toMatchObject({ status: 503, code: 'SourceUnavailable' });
    const refused = await test({ connector: 'postgresql', settings: { ...settingsOf(source), database: 'nowhere' } });
    expect(errorOf(refused)).toMatchObject({ status: 422, code: 'SourceRefused' });
    expect(unreachable.text + refused.text + api.log.text()).not.toContain('hunter2');
  });

  it.each([
    [{}],
    [{ connector: 'postgresql' }],
    [{ settings: {} }],
    [{ connection: 5, connector: 'postgresql', settings: {} }],
  ])('needs a connection, or a connector with settings: %j', async (body) => {
    expect((await test(body)).body.error.details).toEqual([
      { path: 'connection', message: 'give either connection, or connector and settings' },
    ]);
  });
});

describe('the preview of a query', () => {
  const query = async (body: unknown) => {
    const { body: created } = await create();
    return api.call('POST', `/v1/connections/${created.id}/query`, { key, body });
  };

  it('shows rows, the schema that they make and what cannot be imported', async () => {
    const { body } = await query({ query: 'SELECT id, age, place FROM users ORDER BY id', limit: 2 });
    expect(body.rows).toEqual([
      { id: 'u1', age: 30 },
      { id: 'u2', age: null },
    ]);
    expect(body.schema.properties.map(({ name }: { name: string }) => name)).toEqual(['id', 'age']);
    expect(body.issues.join()).toContain('place');
  });

  it('shows the schema only when no limit is given', async () => {
    const { body } = await query({ query: 'SELECT id FROM users' });
    expect(body).toMatchObject({ rows: [], schema: { kind: 'object' } });
  });

  it('replaces placeholders and refuses unknown ones', async () => {
    const known = 'SELECT id FROM users WHERE ${updated_at} IS NULL LIMIT ${limit}';
    expect((await query({ query: known, limit: 1 })).body.rows).toHaveLength(1);
    expect(errorOf(await query({ query: 'SELECT ${x}' })).code).toBe('InvalidPlaceholder');
  });

  it('shows the words of the database when it refuses, and never writes', async () => {
    const refused = await query({ query: 'SELECT nothing FROM nowhere' });
    expect(errorOf(refused)).toMatchObject({ status: 422, code: 'InvalidQuery' });
    expect(refused.body.error.message).toContain('nowhere');
    expect((await query({ query: 'DELETE FROM users RETURNING id', limit: 1 })).status).toBe(422);
    expect(await source.query('SELECT FROM users')).toHaveLength(3);
  });

  it('ends when the database does not answer in time', async () => {
    const hasty = await TestApi.start({ beside: api, env: { REQUEST_DEADLINE_MS: '300' } });
    const { body: created } = await create();
    const body = { query: 'SELECT pg_sleep(30)::text AS slept', limit: 1 };
    const from = performance.now();
    const answer = await hasty.call('POST', `/v1/connections/${created.id}/query`, { key, body });
    expect(errorOf(answer)).toMatchObject({ status: 503, code: 'ServiceUnavailable' });
    expect(performance.now() - from).toBeLessThan(5_000);
    await hasty.close();
  });

  it.each([
    { query: '' },
    {},
    { query: 'SELECT 1', limit: 101 },
    { query: 'SELECT 1', limit: -1 },
    { query: 'SELECT 1', limit: 1.5 },
  ])('is refused for %j', async (body) => {
    expect(errorOf(await query(body))).toMatchObject({ status: 400, code: 'BadRequest' });
  });
});

describe('connectors', () => {
  it('are listed with the JSON Schema of their settings', async () => {
    const { body } = await api.call('GET', '/v1/connectors', { key });
    const codes = body.connectors.map(({ code }: { code: string }) => code);
    expect(codes).toEqual([
      'csv',
      'excel',
      'filesystem',
      'http-application',
      'http-get',
      'http-post',
      'hubspot',
      'json',
      'mysql',
      'parquet',
      'postgresql',
      's3',
      'sftp',
    ]);
    const postgresql = body.connectors[codes.indexOf('postgresql')];
    const [csv] = body.connectors;
    expect(csv).toMatchObject({ type: 'File', extension: 'csv', hasSheets: false, settings: { type: 'object' } });
    expect(postgresql).toMatchObject({ code: 'postgresql', label: 'PostgreSQL', type: 'Database' });
    expect(postgresql.settings).toMatchObject({ type: 'object', required: ['host', 'username', 'database'] });
    expect(postgresql.settings.properties.password).toMatchObject({ format: 'password', secret: true });
  });
});
