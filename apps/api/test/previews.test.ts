import { eventually } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

/** Stands for what is in a record, which nobody but its sender may see. */
const PRIVATE = 'private-7f3a@example.com';

let api: TestApi;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start({ env: { FUNCTION_TIMEOUT_MS: '1500', FUNCTION_MEMORY_MB: '32', LOG_LEVEL: 'debug' } });
  ({ workspace, key } = await api.tenant());
});
afterAll(() => api.close());

const property = (name: string, type: object, flags: object = {}) => ({ name, type, ...flags, description: '' });
const schema = (...properties: object[]) => ({ kind: 'object', properties });
const TEXT = { kind: 'string' };
const NULLABLE = { nullable: true };
const OPTIONAL = { readOptional: true };

const IN_SCHEMA = schema(
  property('email', TEXT, NULLABLE),
  property('logins', { kind: 'int', bitSize: 64 }, NULLABLE),
  property('signup', { kind: 'datetime' }, { ...NULLABLE, ...OPTIONAL }),
  property('data', { kind: 'json' }, { ...NULLABLE, ...OPTIONAL }),
  property('home', schema(property('city', TEXT, NULLABLE)), { ...NULLABLE, ...OPTIONAL }),
);
const OUT_SCHEMA = schema(
  property('email', TEXT, OPTIONAL),
  property('logins', { kind: 'int', bitSize: 64 }, OPTIONAL),
  property('signup', { kind: 'datetime' }, NULLABLE),
  property('data', { kind: 'json' }, OPTIONAL),
  property('home', schema(property('city', TEXT, OPTIONAL), property('zip', TEXT, OPTIONAL)), OPTIONAL),
);
const MAPPING = { email: 'email', logins: 'logins', signup: 'signup', data: 'data', 'home.city': 'home.city' };
const JAVASCRIPT = { language: 'JavaScript', preserveJSON: false, inPaths: ['email'], outPaths: ['email'] };
const source = (text: string, more: object = {}) => ({ function: { ...JAVASCRIPT, source: text, ...more } });
const record = (members: object = {}) => ({ email: 'a@b.c', logins: '9007199254740993', ...members });

const preview = (changes: object = {}, to = api) =>
  to.call('POST', '/v1/transformations/preview', {
    key,
    body: {
      ...{ inSchema: IN_SCHEMA, outSchema: OUT_SCHEMA, transformation: { mapping: MAPPING }, records: [record()] },
      ...changes,
    },
  });
const resultsOf = async (changes: object) => {
  const answer = await preview(changes);
  expect(answer.status).toBe(200);
  return answer.body.results;
};
const detailsOf = ({ status, body }: Answer): { path: string; message: string; position?: object }[] => {
  expect(status).toBe(400);
  return body.error.details;
};

describe('the preview of a mapping', () => {
  it('answers what a run would write, nested, without what is left out', async () => {
    const full = record({
      ...{ signup: '2026-05-01T08:30:00.5+02:00', data: { n: 1, nothing: null }, home: { city: 'Rome' } },
    });
    expect(await resultsOf({ records: [full, record({ email: null, signup: null, home: null })] })).toEqual([
      {
        output: {
          email: 'a@b.c',
          logins: '9007199254740993',
          signup: '2026-05-01T06:30:00.500Z',
          data: { n: 1, nothing: null },
          home: { city: 'Rome' },
        },
      },
      { output: { logins: '9007199254740993', signup: null } },
    ]);
  });

  it('knows JSON null from nothing', async () => {
    const results = await resultsOf({ records: [record({ data: null }), record()] });
    expect(results[0].output).toHaveProperty('data', null);
    expect(results[1].output).not.toHaveProperty('data');
  });

  it('answers for each record, in their order, also when some of them fail', async () => {
    const transformation = { mapping: { logins: 'email' } };
    const records = ['1', 'one', '3'].map((email) => record({ email }));
    expect(await resultsOf({ transformation, records })).toEqual([
      { output: { logins: '1' } },
      { error: { step: expect.stringMatching(/^(Transformation|OutputValidation)$/), message: expect.any(String) } },
      { output: { logins: '3' } },
    ]);
  });

  it('answers nothing for no records', async () => {
    expect(await resultsOf({ records: [] })).toEqual([]);
  });

  it('takes a thousand records', async () => {
    const records = Array.from({ length: 1_000 }, (_, index) => record({ email: `${index}` }));
    const results = await resultsOf({ records });
    expect(results).toHaveLength(1_000);
    expect(results[999].output.email).toBe('999');
    expect(detailsOf(await preview({ records: [...records, record()] }))).toEqual([
      { path: 'records', message: 'must have at most 1000 elements' },
    ]);
  });

  it('requires what creating requires, if that is what it is for', async () => {
    const required = {
      ...{ outSchema: schema(property('email', TEXT, { createRequired: true })) },
      ...{ transformation: { mapping: { email: 'email' } }, records: [record({ email: null })] },
    };
    expect(await resultsOf(required)).toEqual([{ output: {} }]);
    const [{ error }] = await resultsOf({ ...required, purpose: 'Create' });
    expect(error.message).toContain('required for creation');
    expect(await resultsOf({ ...required, purpose: 'Update' })).toEqual([{ output: {} }]);
  });

  it('refuses to make very much of little', async () => {
    const transformation = { mapping: { email: 'email '.repeat(1_600) } };
    const answer = await preview({ transformation, records: [record({ email: 'x'.repeat(6_000) })] });
    expect(detailsOf(answer)).toEqual([
      { path: 'records', message: 'make more than 8 MB of results: send fewer or smaller records' },
    ]);
  });
});

describe('the preview of a function', () => {
  it('runs it over the records, like a run', async () => {
    const transformation = source('function transform({ email }) { return { email: email.toUpperCase() } }');
    expect(await resultsOf({ transformation })).toEqual([{ output: { email: 'A@B.C' } }]);
  });

  it('hands null over, and what is within', async () => {
    const transformation = source(
      'function transform({ home, data }) { return { email: JSON.stringify([home, data]) } }',
      { inPaths: ['home', 'data'] },
    );
    const records = [record(), record({ home: { city: null }, data: { a: [1] } })];
    const results = await resultsOf({ transformation, records });
    expect(results.map(({ output }: { output: { email: string } }) => JSON.parse(output.email))).toEqual([
      [null, null],
      [{ city: null }, { a: [1] }],
    ]);
  });

  it('shows which record it fails for, and at which step', async () => {
    const transformation = source(
      'function transform({ email }) { if (email === "bad") throw new Error("no good"); return email === "odd" ? { email: 5 } : { email } }',
    );
    const records = ['bad', 'odd', 'right'].map((email) => record({ email }));
    expect(await resultsOf({ transformation, records })).toEqual([
      { error: { step: 'Transformation', message: expect.stringContaining('no good') } },
      { error: { step: 'OutputValidation', message: expect.stringContaining('property') } },
      { output: { email: 'right' } },
    ]);
  });

  it.each([
    ['does not parse', 'function transform( {', 'FunctionFailed'],
    ['never ends', 'function transform() { for (;;) {} }', 'FunctionTimeout'],
  ])('that %s is refused', async (_what, text, code) => {
    expect(errorOf(await preview({ transformation: source(text) }))).toMatchObject({ status: 422, code });
  });

  it('that takes all memory is refused', async () => {
    // A slow machine may take longer to fill it than other functions have time.
    const patient = await TestApi.start({ beside: api, env: { FUNCTION_TIMEOUT_MS: '25000' } });
    const text = 'const all = []; function transform() { for (;;) all.push(new Array(1e5).fill(1)) }';
    expect(errorOf(await preview({ transformation: source(text) }, patient))).toMatchObject({
      ...{ status: 422, code: 'FunctionOutOfMemory' },
    });
    await patient.close();
  });

  it('in a language that is switched off is refused', async () => {
    const without = await TestApi.start({ beside: api, env: { FUNCTION_LANGUAGES: '' } });
    expect(errorOf(await preview({ transformation: source('x') }, without))).toMatchObject({
      ...{ status: 422, code: 'UnsupportedLanguage' },
    });
    await without.close();
  });
});

describe('a preview that is not valid', () => {
  it('is told everything that is wrong, at its place', async () => {
    const answer = await preview({
      outSchema: schema(property('email', { kind: 'text' })),
      transformation: { mapping: { email: 'email mail' } },
      records: [record(), record({ email: 5 })],
      purpose: 'Delete',
    });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual([
      'purpose',
      'outSchema.properties[0].type.kind',
      'transformation.mapping["email"]',
      'records[1].email',
    ]);
    expect(detailsOf(answer)[2]?.position).toMatchObject({ line: 1, column: 7, length: 4 });
  });

  it('is told what is wrong with the paths of a function', async () => {
    const transformation = source('x', { inPaths: ['email', 'email'], outPaths: [] });
    expect(detailsOf(await preview({ transformation })).map(({ path }) => path)).toEqual([
      'transformation.function.inPaths[1]',
      'transformation.function.outPaths',
    ]);
  });

  it.each([
    ['no object', [5], 'records[0]', 'must be an object'],
    ['a value of another type', [record({ email: 5 })], 'records[0].email', 'is not of type string'],
    [
      'an integer of 64 bits as a number',
      [record(), record({ logins: 5 })],
      'records[1].logins',
      'is not of type int(64): integers of 64 bits are texts of digits',
    ],
    [
      'a property too few',
      [{ email: null }],
      'records[0].logins',
      'is missing: give it a value or null, or make the property readOptional',
    ],
    ['a property too many', [record({ 'a b': 1 })], 'records[0]["a b"]', 'is not in the schema'],
    [
      'a property too many within',
      [record({ home: { city: null, zip: '1' } })],
      'records[0].home.zip',
      'does not exist',
    ],
  ])('because a record has %s', async (_what, records, path, message) => {
    expect(detailsOf(await preview({ records }))).toEqual([{ path, message }]);
  });

  it('is told of a hundred findings in its records at most', async () => {
    const records = Array.from({ length: 1_000 }, () => ({ email: 5, logins: 5, other: 5 }));
    const details = detailsOf(await preview({ records }));
    expect(details).toHaveLength(100);
    expect(details.at(-1)?.path).toBe('records[33].email');
  });

  it.each(['inSchema', 'outSchema', 'transformation', 'records'])('because it has no %s', async (member) => {
    expect(detailsOf(await preview({ [member]: undefined }))).toContainEqual({ path: member, message: 'is required' });
  });
});

describe('the preview of a filter', () => {
  const condition = (name: string, operator: string, ...values: string[]) => ({
    ...{ property: name, operator },
    ...(values.length > 0 && { values }),
  });
  const filtered = (changes: object) =>
    api.call('POST', '/v1/filters/preview', { key, body: { schema: IN_SCHEMA, records: [record()], ...changes } });

  it('answers for each record whether it passes', async () => {
    const filter = {
      logical: 'and',
      conditions: [condition('email', 'starts with', 'a'), condition('logins', 'is not', '5')],
    };
    const records = [record(), record({ email: 'b' }), record({ email: null }), record({ logins: '5' })];
    const answer = await filtered({ filter, records });
    expect(answer.body).toEqual({ results: [true, false, false, false] });
  });

  it('knows what is missing from what is null', async () => {
    const filter = { logical: 'or', conditions: [condition('signup', 'exists')] };
    const answer = await filtered({ filter, records: [record(), record({ signup: null })] });
    expect(answer.body).toEqual({ results: [false, true] });
  });

  it('is told everything that is wrong, at its place', async () => {
    const filter = { logical: 'xor', conditions: [condition('mail', 'is', 'x'), condition('logins', 'is', 'five')] };
    const details = detailsOf(await filtered({ filter, records: [record({ email: 5 })] }));
    expect(details.map(({ path }) => path)).toEqual([
      'filter.logical',
      'filter.conditions[0].property',
      'filter.conditions[1].values[0]',
      'records[0].email',
    ]);
  });

  it.each(['schema', 'filter', 'records'])('needs its %s', async (member) => {
    const filter = { logical: 'and', conditions: [condition('email', 'is null')] };
    const answer = await filtered({ filter, [member]: undefined });
    expect(detailsOf(answer)).toContainEqual({ path: member, message: 'is required' });
  });
});

/** Each of these once stalled the process for seconds, or ended it. */
describe('a preview that would be very much work', () => {
  const TOO_LONG = 'the mapping is too long for records of this size: send fewer or smaller records';
  const outSchema = (count: number, type: object = TEXT) =>
    schema(...Array.from({ length: count }, (_, index) => property(`out${index}`, type, OPTIONAL)));
  const mappingOf = (count: number, expression: string) => ({
    mapping: Object.fromEntries(Array.from({ length: count }, (_, index) => [`out${index}`, expression])),
  });
  const email = (text: string) => record({ email: text });

  it.each([
    [
      'goes through a large JSON very often',
      20,
      `or(${'eq(json_parse(email),data),'.repeat(80)}false)`,
      { kind: 'boolean' },
    ],
    ['makes very much of little', 10, `upper(${'email '.repeat(800)})`, TEXT],
  ])('because its mapping %s is refused', async (_what, count, expression, type) => {
    const json = Array.from({ length: 10_000 }, (_, index) => index);
    const records = Array.from({ length: 3 }, () => record({ email: JSON.stringify(json), data: json }));
    const transformation = mappingOf(count, expression);
    const answer = await preview({ outSchema: outSchema(count, type), transformation, records });
    expect(detailsOf(answer)).toEqual([{ path: 'records', message: TOO_LONG }]);
  });

  it('because of all its records together is refused, while one of them is not', async () => {
    const outOf20 = { outSchema: outSchema(20), transformation: mappingOf(20, `upper(${'email '.repeat(100)})`) };
    const records = Array.from({ length: 500 }, () => email('x'.repeat(500)));
    expect(detailsOf(await preview({ ...outOf20, records }))).toEqual([{ path: 'records', message: TOO_LONG }]);
    expect(await resultsOf({ ...outOf20, records: records.slice(0, 1) })).toHaveLength(1);
  });

  it('because of values without any text is refused', async () => {
    const inSchema = schema(property('list', { kind: 'array', elementType: { kind: 'int', bitSize: 8 } }));
    const records = [{ list: Array.from({ length: 100_000 }, () => 1) }];
    const answer = await preview({
      ...{ inSchema, outSchema: outSchema(100, { kind: 'json' }), transformation: mappingOf(100, 'list'), records },
    });
    expect(detailsOf(answer)).toEqual([{ path: 'records', message: TOO_LONG }]);
  });

  it('because a pattern is looked for in long texts is refused, in records and in results', async () => {
    const pattern = `a|${'(\\pL\\PN\\pS)'.repeat(200)}`;
    const inSchema = schema(property('list', { kind: 'array', elementType: { kind: 'string', pattern } }));
    const many = { inSchema, records: [{ list: Array.from({ length: 5_000 }, () => 'éx+') }] };
    const message = 'the patterns of the schema are too long for records of this size: send fewer or smaller records';
    const transformation = { mapping: { out0: 'list' } };
    const answer = await preview({ ...many, outSchema: outSchema(1, { kind: 'json' }), transformation });
    expect(detailsOf(answer)).toEqual([{ path: 'records', message }]);
    const one = { outSchema: outSchema(1, { kind: 'string', pattern }), records: [email('éx+'.repeat(5_000))] };
    const mapped = await preview({ ...one, transformation: { mapping: { out0: 'email' } } });
    expect(detailsOf(mapped)).toEqual([{ path: 'records', message: TOO_LONG }]);
    const made = source('const transform = ({ email }) => ({ out0: email })', { outPaths: ['out0'] });
    expect(detailsOf(await preview({ ...one, transformation: made }))).toEqual([
      {
        path: 'records',
        message: 'make results that are too large for the patterns of outSchema: send fewer or smaller records',
      },
    ]);
  });

  it('takes schemas and patterns as they are in use', async () => {
    const pattern = '^[^@ ]+@[^@ ]+\\.[a-z]{2,10}$';
    const changes = {
      inSchema: schema(property('email', { kind: 'string', pattern }, NULLABLE)),
      outSchema: schema(property('email', { kind: 'string', pattern }, OPTIONAL)),
      transformation: { mapping: { email: 'lower(email)' } },
      records: Array.from({ length: 1_000 }, (_, index) => ({ email: `somebody.${index}@example.com` })),
    };
    const results = await resultsOf(changes);
    expect(results[999]).toEqual({ output: { email: 'somebody.999@example.com' } });
    const made = { inPaths: ['email'], source: 'const transform = (record) => record' };
    expect(await resultsOf({ ...changes, transformation: source('', made) })).toEqual(results);
  });
});

describe('the answer of a preview', () => {
  const TOO_MUCH = 'make more than 8 MB of results: send fewer or smaller records';
  const thousand = (text: string) => Array.from({ length: 1_000 }, () => record({ email: text }));
  const detail = { path: 'records', message: TOO_MUCH };

  it('counts the names of properties', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `${'n'.repeat(250)}${index}`);
    const answer = await preview({
      outSchema: schema(...names.map((name) => property(name, TEXT, OPTIONAL))),
      transformation: { mapping: Object.fromEntries(names.map((name) => [name, 'email'])) },
      records: thousand('x'),
    });
    expect(detailsOf(answer)).toEqual([detail]);
  });

  it('counts values as they are written, with their escapes', async () => {
    const transformation = { mapping: { email: 'email '.repeat(30) } };
    expect(await resultsOf({ transformation, records: thousand('x'.repeat(200)) })).toHaveLength(1_000);
    const escaped = thousand('"'.repeat(200));
    expect(detailsOf(await preview({ transformation, records: escaped }))).toEqual([detail]);
  });

  it('counts what is within values', async () => {
    const transformation = { mapping: { data: `array(${Array.from({ length: 90 }, () => 'email').join()})` } };
    expect(detailsOf(await preview({ transformation, records: thousand('x'.repeat(100)) }))).toEqual([detail]);
  });

  it('is not read from a function that makes too much', async () => {
    const transformation = source('const transform = ({ email }) => ({ email: email.repeat(9_000_000) })');
    expect(detailsOf(await preview({ transformation, records: [record({ email: 'x' })] }))).toEqual([detail]);
  });

  it('has short messages, whatever a schema allows', async () => {
    const values = Array.from({ length: 20_000 }, (_, index) => `value${index}`);
    const allowed = schema(property('email', { kind: 'string', values }, OPTIONAL));
    const transformation = { mapping: { email: 'email' } };
    const records = Array.from({ length: 1_000 }, () => ({ email: 'x' }));
    const answer = await preview({
      inSchema: allowed,
      outSchema: schema(property('email', TEXT, OPTIONAL)),
      transformation,
      records,
    });
    const details = detailsOf(answer);
    expect(details).toHaveLength(100);
    expect(Math.max(...details.map(({ message }) => message.length))).toBeLessThanOrEqual(1_000);
    const results = await resultsOf({
      outSchema: allowed,
      inSchema: schema(property('email', TEXT)),
      transformation,
      records,
    });
    expect(results).toHaveLength(1_000);
    for (const { error } of results) expect(error.message.length).toBeLessThanOrEqual(1_000);
  });
});

describe('a filter with very many values', () => {
  it('is applied to a thousand records', async () => {
    const values = Array.from({ length: 600 }, (_, index) => `v${index}`);
    const conditions = Array.from({ length: 90 }, () => ({ property: 'data', operator: 'is not one of', values }));
    const records = Array.from({ length: 1_000 }, (_, index) => record({ data: index === 7 ? 'v7' : 'x' }));
    const answer = await api.call('POST', '/v1/filters/preview', {
      ...{ key, body: { schema: IN_SCHEMA, filter: { logical: 'and', conditions }, records } },
    });
    expect(answer.body.results).toHaveLength(1_000);
    expect(answer.body.results.indexOf(false)).toBe(7);
    expect(answer.body.results.lastIndexOf(false)).toBe(7);
  });
});

describe('the check of an expression', () => {
  const check = async (expression: unknown, more: object = {}) =>
    api.call('POST', '/v1/expressions/check', { key, body: { inSchema: IN_SCHEMA, expression, ...more } });

  it('answers what it reads and its type', async () => {
    expect((await check('lower(email) " " home.city')).body).toEqual({
      ...{ properties: ['email', 'home.city'], type: { kind: 'string' }, errors: [] },
    });
    expect((await check('logins')).body.type).toEqual({ kind: 'int', bitSize: 64 });
  });

  it('answers every error with its place', async () => {
    const { body } = await check('lower(mail)\n  country');
    expect(body).toMatchObject({
      type: null,
      errors: [
        { line: 1, column: 7, offset: 6, length: 4 },
        { line: 2, column: 3, offset: 14, length: 7 },
      ],
    });
    expect(body.errors[0].excerpt).toContain('lower(mail)');
  });

  it('looks whether it can become the type that it is for', async () => {
    const outType = { kind: 'boolean' };
    expect((await check('signup', { outType })).body.errors).toHaveLength(1);
    expect((await check('signup', { outType: { kind: 'date' } })).body.errors).toEqual([]);
  });

  it('is refused with schemas that are none', async () => {
    const answer = await check(undefined, { inSchema: schema(), outType: { kind: 'int' } });
    expect(detailsOf(answer).map(({ path }) => path)).toEqual(['expression', 'inSchema.properties', 'outType']);
  });
});

describe('what is tried', () => {
  it('can be tried whatever the mode of the warehouse is', async () => {
    for (const mode of ['Inspection', 'Maintenance', 'Normal']) {
      await api.control.query('UPDATE workspaces SET warehouse_mode = $2 WHERE id = $1', [workspace, mode]);
      expect((await preview()).status).toBe(200);
    }
  });

  it('needs a key', async () => {
    for (const path of ['/v1/transformations/preview', '/v1/filters/preview', '/v1/expressions/check']) {
      expect((await api.call('POST', path, { body: {} })).status).toBe(401);
      expect((await api.call('POST', path, { key, body: [] })).status).toBe(400);
    }
  });

  it('is in no log, whatever becomes of it', async () => {
    const records = [record({ email: PRIVATE })];
    const filter = { logical: 'and', conditions: [{ property: 'email', operator: 'is', values: ['x'] }] };
    const sources = [
      'const transform = ({ email }) => { throw new Error(email) }',
      'const transform = ({ email }) => { for (;;) {} }',
      'const transform = ({ email }) => ({ email })',
    ];
    for (const text of sources) await preview({ transformation: source(text), records });
    await preview({ records: [...records, { email: PRIVATE, logins: PRIVATE }] });
    await api.call('POST', '/v1/filters/preview', { key, body: { schema: IN_SCHEMA, filter, records } });
    expect(api.log.text()).toContain('/v1/transformations/preview');
    expect(api.log.text()).not.toContain(PRIVATE);
  });

  it('is stopped when its client goes away', async () => {
    const patient = await TestApi.start({ beside: api, env: { FUNCTION_TIMEOUT_MS: '60000' } });
    const send = (text: string, signal: AbortSignal) =>
      fetch(`${patient.url}/v1/transformations/preview`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...{ inSchema: IN_SCHEMA, outSchema: OUT_SCHEMA, records: [record()] },
          transformation: source(text),
        }),
        signal,
      });
    const client = new AbortController();
    const left = [1, 2].map(() => send('function transform() { for (;;) {} }', client.signal));
    const settled = Promise.allSettled(left);
    const quick = 'const transform = (record) => record';
    await eventually('both places are taken', async () => {
      const [probe] = await Promise.allSettled([send(quick, AbortSignal.timeout(1_000))]);
      return probe?.status === 'rejected';
    });
    client.abort();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await preview({ transformation: source(quick) }, patient)).status).toBe(200);
    await patient.close();
  });
});
