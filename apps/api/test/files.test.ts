import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detailsOf, errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let root: string;
let api: TestApi;
let key: string;
let connection: number;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'penstock-api-files-'));
  await writeFile(path.join(root, 'users.csv'), 'id;E-Mail;at\nu1;a@x.org;2026-01-01T00:00:00Z\nu2;b@x.org\n');
  await writeFile(
    path.join(root, 'users.json'),
    '[{"id": 1, "email": "a@x.org", "vip": true}, {"id": 2, "email": null}]',
  );
  api = await TestApi.start({ env: { FILESYSTEM_ROOT: root } });
  const tenant = await api.tenant();
  key = tenant.key;
  const { body } = await api.call('POST', '/v1/connections', {
    key,
    body: { name: 'Files', role: 'Source', connector: 'filesystem', settings: {} },
  });
  connection = body.id;
});
afterAll(async () => {
  await api.close();
  await rm(root, { recursive: true });
});

const get = (resource: string, query: Record<string, string>, id = connection) =>
  api.call('GET', `/v1/connections/${id}/${resource}?${new URLSearchParams(query)}`, { key });
const preview = (query: Record<string, string>) => get('files', query);

describe('a preview of a file', () => {
  it('shows its records, the schema that they make, and what is wrong', async () => {
    const settings = JSON.stringify({ separator: ';' });
    const { status, body } = await preview({ path: 'users.csv', format: 'csv', formatSettings: settings, limit: '10' });
    expect(status).toBe(200);
    expect(body).toEqual({
      records: [{ id: 'u1', E_Mail: 'a@x.org', at: '2026-01-01T00:00:00Z' }],
      schema: {
        kind: 'object',
        properties: [
          { name: 'id', type: { kind: 'string' }, description: '' },
          { name: 'E_Mail', type: { kind: 'string' }, description: 'E-Mail' },
          { name: 'at', type: { kind: 'string' }, description: '' },
        ],
      },
      issues: [expect.stringMatching(/a record is not shown/)],
    });
  });

  it('shows the schema alone without a limit', async () => {
    const { body } = await preview({ path: 'users.json', format: 'json' });
    expect(body.records).toEqual([]);
    expect(
      body.schema.properties.map(({ name, readOptional }: { name: string; readOptional?: boolean }) => [
        name,
        readOptional,
      ]),
    ).toEqual([
      ['id', undefined],
      ['email', undefined],
      ['vip', true],
    ]);
  });

  it('makes a schema that a pipeline can be created with', async () => {
    const { body } = await preview({ path: 'users.json', format: 'json', limit: '2' });
    expect(body.records).toEqual([
      { id: 1, email: 'a@x.org', vip: true },
      { id: 2, email: null },
    ]);
    const answer = await api.call('POST', '/v1/pipelines', {
      key,
      body: {
        ...{ connection, target: 'User', name: 'Users', format: 'json', path: 'users.json', userIDColumn: 'id' },
        inSchema: body.schema,
        outSchema: {
          kind: 'object',
          properties: [{ name: 'email', type: { kind: 'string' }, readOptional: true, description: '' }],
        },
        transformation: { mapping: { email: 'email' } },
        filter: { logical: 'and', conditions: [{ property: 'vip', operator: 'exists' }] },
      },
    });
    expect(answer.status).toBe(200);
    const stored = await api.call('GET', `/v1/pipelines/${answer.body.id}`, { key });
    expect(stored.body).toMatchObject({
      ...{ connectorType: 'FileStorage', format: 'json', path: 'users.json', sheet: null, compression: null },
      ...{ filter: { logical: 'and', conditions: [{ property: 'vip', operator: 'exists' }] }, inSchema: body.schema },
    });
    expect((await api.call('PUT', `/v1/pipelines/${answer.body.id}`, { key, body: stored.body })).status).toBe(204);
    expect(
      await api.control.query('SELECT count(*)::int FROM pipeline_versions WHERE pipeline_id = $1', [answer.body.id]),
    ).toEqual([{ count: 1 }]);
  });

  it.each([
    ['a format that does not exist', { path: 'users.csv', format: 'dbase' }, 422, 'FormatNotExist'],
    [
      'settings that the format does not have',
      { path: 'users.csv', format: 'csv', formatSettings: '{"x": 1}' },
      422,
      'InvalidSettings',
    ],
    ['settings that are no JSON', { path: 'users.csv', format: 'csv', formatSettings: '{' }, 400, 'BadRequest'],
    ['a path that escapes', { path: '../users.csv', format: 'csv' }, 422, 'InvalidPath'],
    ['a file that is not there', { path: 'nothing.csv', format: 'csv' }, 422, 'SourceRefused'],
    ['a sheet that the format does not have', { path: 'users.csv', format: 'csv', sheet: 'A' }, 400, 'BadRequest'],
    ['no sheet where there must be one', { path: 'users.xlsx', format: 'excel' }, 400, 'BadRequest'],
    ['a file of another format', { path: 'users.csv', format: 'parquet' }, 422, 'InvalidFile'],
    ['a file of no compression', { path: 'users.csv', format: 'csv', compression: 'Gzip' }, 422, 'InvalidFile'],
    ['too high a limit', { path: 'users.csv', format: 'csv', limit: '101' }, 400, 'BadRequest'],
  ] as const)('refuses %s', async (_what, query, status, code) => {
    expect(errorOf(await preview(query))).toMatchObject({ status, code });
  });
});

describe('a connection to files', () => {
  it('shows the whole address of a path', async () => {
    expect((await get('files/absolute', { path: 'a/users.csv' })).body).toEqual({
      path: path.join(root, 'a/users.csv'),
    });
  });

  it('has no query and no tables, and a database has no files', async () => {
    const query = { key, body: { query: 'SELECT 1', limit: 1 } };
    expect(errorOf(await api.call('POST', `/v1/connections/${connection}/query`, query)).status).toBe(400);
    expect(errorOf(await get('tables', {})).status).toBe(400);
    const database = await api.make.connection((await api.tenant()).workspace);
    expect(errorOf(await get('files', { path: 'users.csv', format: 'csv' }, database)).status).toBe(404);
  });

  it('is tested', async () => {
    expect((await api.call('POST', '/v1/connections/test', { key, body: { connection } })).body).toEqual({ ok: true });
  });

  it('is not made with a format', async () => {
    const body = { name: 'x', role: 'Source', connector: 'csv', settings: {} };
    const error = errorOf(await api.call('POST', '/v1/connections', { key, body }));
    expect(error).toMatchObject({
      status: 422,
      code: 'ConnectorNotExist',
      message: expect.stringMatching(/is a file format/),
    });
  });
});

const TEXT = { kind: 'string' };
const property = (name: string, flags: object = {}) => ({ name, type: TEXT, ...flags, description: '' });
const OTHER_KIND = 'is not allowed for a pipeline that imports users from a file: leave it out';
const condition = (changes: object) => ({
  filter: { logical: 'and', conditions: [{ property: 'email', operator: 'is', values: ['x'], ...changes }] },
});
const inSchema = (...properties: object[]) => ({ inSchema: { kind: 'object', properties } });

/** For each rule of files: a definition that breaks it, and nothing else, and all that is said about it. */
const RULES: readonly (readonly [rule: string, what: string, changes: object, path: string, message: string])[] = [
  ['R2', 'no format', { format: undefined }, 'format', 'is required'],
  [
    'R9, R10',
    'a filter that is none',
    { filter: { logical: 'nor', conditions: [{ property: 'email', operator: 'is', values: ['x'] }] } },
    'filter.logical',
    'invalid logical operator "nor"',
  ],
  [
    'R10',
    'a filter of an unknown property',
    condition({ property: 'mail' }),
    'filter.conditions[0].property',
    'property path "mail" does not exist',
  ],
  [
    'R21',
    'a placeholder',
    { path: 'users-${today}.csv' },
    'path',
    'must not have a placeholder: they are for the paths of files that are written',
  ],
  [
    'R23',
    'a sheet name that spreadsheets refuse',
    { format: 'excel', sheet: 'a/b' },
    'sheet',
    `must not begin or end with "'" or have one of * / : ? [ \\ ]`,
  ],
  [
    'R29',
    'an unknown compression',
    { compression: 'Brotli' },
    'compression',
    'must be one of "", "Zip", "Gzip", "Snappy"',
  ],
  ['R33', 'incremental only', { incremental: true }, 'incremental', 'needs an updatedAtColumn'],
  [
    'R35',
    'a column of a type that the format does not have',
    inSchema(property('id'), { ...property('email'), type: { kind: 'uuid' } }),
    'inSchema.properties[1].type',
    'must be {"kind":"string"}: every column of CSV is of that type, and the mapping converts it',
  ],
  [
    'R35',
    'a column with prefilled',
    inSchema(property('id'), property('email', { prefilled: 'x' })),
    'inSchema.properties[1].prefilled',
    'is not allowed for a column of a file: leave it out',
  ],
  [
    'R36',
    'settings that the format does not have',
    { formatSettings: { separator: 'ab' } },
    'formatSettings.separator',
    expect.any(String) as unknown as string,
  ],
  ['R36', 'settings that are no object', { formatSettings: [] }, 'formatSettings', 'must be an object'],
  ['R38', 'a query', { query: 'SELECT 1' }, 'query', OTHER_KIND],
  ['R39', 'no path', { path: '' }, 'path', 'must not be empty'],
  ['R39', 'a sheet for a format without', { sheet: 'A' }, 'sheet', 'is not allowed for CSV: it has no sheets'],
  ['R39', 'no sheet', { format: 'excel' }, 'sheet', 'is required for Excel'],
  [
    'R41',
    'an identifier that records may lack',
    inSchema(property('id', { readOptional: true }), property('email')),
    'userIDColumn',
    'must not be readOptional: each record needs an identifier',
  ],
  ['R49', 'an order', { orderBy: 'email' }, 'orderBy', OTHER_KIND],
  [
    'R58',
    'a column that nothing uses',
    inSchema(property('id'), property('email'), property('idle')),
    'inSchema',
    'property "idle" is not used by anything: leave it out',
  ],
];

const DEFINITION = {
  ...{ target: 'User', name: 'Users', format: 'csv', path: 'users.csv', userIDColumn: 'id' },
  ...inSchema(property('id'), property('email')),
  outSchema: { kind: 'object', properties: [property('email', { readOptional: true })] },
  transformation: { mapping: { email: 'email' } },
};
const define = (changes: object) =>
  api.call('POST', '/v1/pipelines', { key, body: { connection, ...DEFINITION, ...changes } });

describe('a definition of an import of files', () => {
  it.each(RULES)('that breaks %s with %s is told so', async (_rule, _what, changes, at, message) => {
    expect(detailsOf(await define(changes)).map((detail) => ({ path: detail.path, message: detail.message }))).toEqual([
      { path: at, message },
    ]);
  });

  it.each([
    ['may let records lack a property', inSchema(property('id'), property('email', { readOptional: true }))],
    [
      'may use a property in its filter only',
      { ...inSchema(property('id'), property('email'), property('plan')), ...condition({ property: 'plan' }) },
    ],
    [
      'may have serial numbers as update times',
      {
        ...inSchema(property('id'), property('email'), property('at')),
        updatedAtColumn: 'at',
        updatedAtFormat: 'Excel',
      },
    ],
    ['may leave settings and compression empty', { formatSettings: null, compression: '', sheet: '' }],
  ])('%s', async (_what, changes) => {
    expect((await define(changes)).status).toBe(200);
  });

  it.each([
    ['../users.csv', /element \.\./],
    ['/users.csv', /begin/],
    ['a**b.csv', /\*\*/],
  ])('with a path that no run could read, %s, is told so, also when it is replaced', async (at, message) => {
    const findings = [{ path: 'path', message: expect.stringMatching(message) }];
    expect(detailsOf(await define({ path: at }))).toEqual(findings);
    const { body } = await define({});
    const put = await api.call('PUT', `/v1/pipelines/${body.id}`, { key, body: { ...DEFINITION, path: at } });
    expect(detailsOf(put)).toEqual(findings);
  });

  it('with an unknown format says so when nothing else is wrong', async () => {
    expect(errorOf(await define({ format: 'dbase' }))).toMatchObject({ status: 422, code: 'FormatNotExist' });
    expect(errorOf(await define({ format: 'dbase', name: '' }))).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('reads back with the settings that its format has by default', async () => {
    const { body } = await define({ formatSettings: { separator: ';' } });
    const stored = await api.call('GET', `/v1/pipelines/${body.id}`, { key });
    expect(stored.body.formatSettings).toMatchObject({ separator: ';', hasColumnNames: true });
  });
});
