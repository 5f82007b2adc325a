import { API_DEFINITION } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detailsOf, errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

/** Quick enough to wait for, and slow enough for every function that ends. */
const TIMEOUT_MS = 5_000;

let api: TestApi;
let key: string;
let connection: number;

beforeAll(async () => {
  api = await TestApi.start({ env: { FUNCTION_TIMEOUT_MS: String(TIMEOUT_MS), FUNCTION_MEMORY_MB: '32' } });
});
afterAll(() => api.close());

beforeEach(async () => {
  const tenant = await api.tenant();
  key = tenant.key;
  connection = await api.make.connection(tenant.workspace);
});

const { kind: _, transformation: _mapping, ...definition } = API_DEFINITION;
const FUNCTION = {
  language: 'JavaScript',
  source: 'function transform({ email }) { return { email } }',
  preserveJSON: true,
  inPaths: ['email', 'country'],
  outPaths: ['email'],
};
const column = (name: string, flags: object) => ({ name, type: { kind: 'string' }, ...flags, description: '' });
const BODY = {
  ...{ target: 'User', name: 'Users', ...definition, updatedAtColumn: null },
  inSchema: {
    kind: 'object',
    properties: [column('id', {}), column('email', { nullable: true }), column('country', { nullable: true })],
  },
};
const body = (changes: object = {}) => ({
  ...{ ...BODY, connection },
  transformation: { function: { ...FUNCTION, ...changes } },
});
const create = (changes: object = {}, to = api) => to.call('POST', '/v1/pipelines', { key, body: body(changes) });
const get = async (id: number) => (await api.call('GET', `/v1/pipelines/${id}`, { key })).body;
const put = (id: number, value: unknown, to = api) => to.call('PUT', `/v1/pipelines/${id}`, { key, body: value });
const versionsOf = async (id: number) =>
  (await api.control.query('SELECT FROM pipeline_versions WHERE pipeline_id = $1', [id])).length;

describe('a pipeline whose transformation is a function', () => {
  it('is shown with its paths sorted, and what is shown can be sent back', async () => {
    const { body: created } = await create();
    const shown = await get(created.id);
    expect(shown.transformation).toEqual({ mapping: null, function: { ...FUNCTION, inPaths: ['country', 'email'] } });
    expect((await put(created.id, shown)).status).toBe(204);
    expect(await get(created.id)).toEqual(shown);
    expect(await versionsOf(created.id)).toBe(1);
  });

  it('is not another one when its paths come in another order, but with another source it is', async () => {
    const { body: created } = await create();
    await put(created.id, body({ inPaths: ['country', 'email'] }));
    expect(await versionsOf(created.id)).toBe(1);
    await put(created.id, body({ source: `${FUNCTION.source} // changed` }));
    expect(await versionsOf(created.id)).toBe(2);
  });

  it('can become one with a mapping, and come back', async () => {
    const { body: created } = await create();
    const mapping = { email: 'email country' };
    await put(created.id, { ...body(), transformation: { mapping, function: null } });
    expect((await get(created.id)).transformation).toEqual({ mapping, function: null });
    await put(created.id, { ...body(), transformation: { mapping: null, function: FUNCTION } });
    expect((await get(created.id)).transformation.function).toMatchObject({ source: FUNCTION.source });
  });

  it('takes the default of preserveJSON', async () => {
    const { body: created } = await create({ preserveJSON: undefined });
    expect((await get(created.id)).transformation.function.preserveJSON).toBe(false);
  });
});

const SOURCES = {
  JavaScript: {
    right: 'function transform(record) { return record }',
    syntax: 'function transform(record) { return {',
    missing: 'const other = 1;',
    endless: 'for (;;) {}',
    greedy: 'const all = []; for (;;) all.push(new Array(100000).fill(all.length));',
  },
  Python: {
    right: 'def transform(record):\n  return record',
    syntax: 'def transform(record):\n  return {',
    missing: 'other = 1',
    endless: 'while True:\n  pass',
    greedy: 'all = []\nwhile True:\n  all.append([len(all)] * 100000)',
  },
} as const;

describe.each(['JavaScript', 'Python'] as const)('a function in %s', (language) => {
  it('that can be run is accepted', async () => {
    expect((await create({ language, source: SOURCES[language].right })).status).toBe(200);
  });

  it.each([
    ['does not parse', 'syntax', /SyntaxError/],
    ['has no transform', 'missing', /transform/],
    ['never ends', 'endless', /takes more than 5 s/],
    ['takes all memory', 'greedy', /uses more than 32 MB|takes more than 5 s/],
  ] as const)('that %s is refused, and told why', async (_what, which, message) => {
    const answer = await create({ language, source: SOURCES[language][which] });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(detailsOf(answer)).toEqual([
      { path: 'transformation.function.source', message: expect.stringMatching(message) },
    ]);
  });
});

describe('trying a function', () => {
  it('is left out when something else is wrong, which is all that is said', async () => {
    const answer = await api.call('POST', '/v1/pipelines', {
      key,
      body: { ...body({ source: SOURCES.JavaScript.syntax }), name: '' },
    });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual(['name']);
  });

  it('happens when a function changes, not whenever its pipeline does', async () => {
    const { body: created } = await create();
    const broken = { ...FUNCTION, source: SOURCES.JavaScript.syntax, inPaths: ['country', 'email'] };
    await api.control.query(
      `UPDATE pipeline_versions SET definition = jsonb_set(definition::jsonb, '{transformation,function}', $2) WHERE pipeline_id = $1`,
      [created.id, JSON.stringify(broken)],
    );
    expect((await put(created.id, { ...body(broken), name: 'Renamed' })).status).toBe(204);
    expect((await put(created.id, body({ ...broken, preserveJSON: false }))).status).toBe(400);
    expect((await get(created.id)).name).toBe('Renamed');
  });

  it('ends with its request, and gives its place to others', async () => {
    const hurried = await TestApi.start({
      beside: api,
      env: { FUNCTION_TIMEOUT_MS: '60000', REQUEST_DEADLINE_MS: '5000' },
    });
    const answers = await Promise.all([1, 2, 3, 4].map(() => create({ source: SOURCES.JavaScript.endless }, hurried)));
    const messages = answers.map((answer) => errorOf(answer).message);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    for (const message of messages)
      expect(message).toMatch(/too many transformation functions|within the time of a request/);
    // The places have been given back.
    expect((await create({}, hurried)).status).toBe(200);
    await hurried.close();
  });
});

describe('an installation without a language', () => {
  it('says which it has, when nothing else is wrong', async () => {
    const without = await TestApi.start({ beside: api, env: { FUNCTION_LANGUAGES: 'Python' } });
    expect(errorOf(await create({}, without))).toEqual({
      ...{ status: 422, code: 'UnsupportedLanguage' },
      message:
        'transformation functions in JavaScript are not available on this installation: write it in Python, or write a mapping',
    });
    expect(errorOf(await create({ source: '' }, without)).status).toBe(400);
    await without.close();
  });

  it('has no functions at all with an empty list', async () => {
    const without = await TestApi.start({ beside: api, env: { FUNCTION_LANGUAGES: '' } });
    expect(errorOf(await create({}, without))).toEqual({
      ...{ status: 422, code: 'UnsupportedLanguage' },
      message: 'transformation functions in JavaScript are not available on this installation: write a mapping',
    });
    await without.close();
  });

  it('does not start with a list of something else', async () => {
    const start = TestApi.start({ beside: api, env: { FUNCTION_LANGUAGES: 'JavaScript, Ruby' } });
    await expect(start).rejects.toThrow('FUNCTION_LANGUAGES: is not a comma list of JavaScript and Python');
  });
});
