import { API_DEFINITION } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let key: string;
let connection: number;

beforeAll(async () => {
  api = await TestApi.start();
  const tenant = await api.tenant();
  key = tenant.key;
  connection = await api.make.connection(tenant.workspace);
});
afterAll(() => api.close());

interface Finding {
  readonly path: string;
  readonly message: string;
}

const { kind: _, ...definition } = API_DEFINITION;
const create = (changes: object) =>
  api.call('POST', '/v1/pipelines', {
    key,
    body: { connection, target: 'User', name: 'Users', ...definition, ...changes },
  });
const findings = async (changes: object): Promise<Finding[]> => {
  const answer = await create(changes);
  expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
  return answer.body.error.details.map(({ path, message }: Finding) => ({ path, message }));
};

const property = (name: string, type: object, flags: object) => ({ name, type, ...flags, description: '' });
const schema = (...properties: object[]) => ({ kind: 'object', properties });
const TEXT = { kind: 'string' };
const ID = property('id', TEXT, {});
const EMAIL = property('email', TEXT, { nullable: true });
const input = (...more: object[]) => schema(ID, EMAIL, ...more);
const updatedAt = (type: object) => input(property('updated_at', type, { nullable: true }));
const out = (name: string, type: object = TEXT, flags: object = { readOptional: true }) => property(name, type, flags);
const mapping = (expressions: object) => ({ transformation: { mapping: expressions } });
const ofFunction = (changes: object) => ({
  transformation: {
    function: {
      language: 'JavaScript',
      source: 'const transform = ({ email }) => ({ email });',
      inPaths: ['email'],
      outPaths: ['email'],
      ...changes,
    },
  },
});
/** Without an update time column, whose rules would have something to say as well. */
const PLAIN = { updatedAtColumn: null, inSchema: input() };
const HOME = property('home', schema(property('city', TEXT, {})), {});
const OTHER_KIND = 'is not allowed for a pipeline that imports users from a database: leave it out';

/** For each rule that can apply: a definition that breaks it, and nothing else, and all that is said about it. */
const RULES: readonly (readonly [rule: string, what: string, changes: object, path: string, message: string])[] = [
  ['R2', 'a format', { format: 'csv' }, 'format', OTHER_KIND],
  ['R6', 'no name', { name: undefined }, 'name', 'is required'],
  ['R6', 'an empty name', { name: '' }, 'name', 'must not be empty'],
  ['R6', 'a long name', { name: 'x'.repeat(61) }, 'name', 'must not be longer than 60 characters'],
  ['R6', 'a name that is no text', { name: 5 }, 'name', 'must be a string'],
  ['R7', 'an inSchema of another kind', { inSchema: { kind: 'string' } }, 'inSchema.kind', 'must be "object"'],
  ['R7', 'an outSchema of another kind', { outSchema: { kind: 'map' } }, 'outSchema.kind', 'must be "object"'],
  ['R7', 'an outSchema that is no schema', { outSchema: 'x' }, 'outSchema', 'must be an object'],
  [
    'R8',
    'a filter',
    { filter: { logical: 'and', conditions: [] } },
    'filter',
    'is not allowed for a pipeline that imports users from a database: write the condition into the query',
  ],
  ['R11', 'consents', { requiredConsents: { purposes: [] } }, 'requiredConsents', OTHER_KIND],
  [
    'R12',
    'mapping and function',
    { transformation: { mapping: { email: 'email' }, ...ofFunction({}).transformation } },
    'transformation',
    'must not have both mapping and function: leave one of them out',
  ],
  ['R13', 'an empty mapping', mapping({}), 'transformation.mapping', 'mapping is empty'],
  ['R14', 'a mapping without inSchema', { inSchema: undefined }, 'inSchema', 'is required'],
  ['R14', 'a mapping without outSchema', { outSchema: null }, 'outSchema', 'must be an object'],
  [
    'R15',
    'an expression with an unknown property',
    { ...mapping({ email: 'mail' }) },
    'transformation.mapping["email"]',
    'property "mail" does not exist',
  ],
  [
    'R15',
    'an out path that does not exist',
    mapping({ email: 'email', mail: 'email' }),
    'transformation.mapping["mail"]',
    'property path "mail" does not exist',
  ],
  [
    'R15',
    'an expression that is no text',
    mapping({ email: 5 }),
    'transformation.mapping["email"]',
    'must be a string: an expression',
  ],
  ['R15', 'a mapping that is no object', mapping([]), 'transformation.mapping', 'must be an object'],
  ['R16', 'a function without inSchema', { ...ofFunction({}), inSchema: undefined }, 'inSchema', 'is required'],
  ['R16', 'a function without outSchema', { ...ofFunction({}), outSchema: undefined }, 'outSchema', 'is required'],
  ['R17', 'no source', ofFunction({ source: undefined }), 'transformation.function.source', 'is required'],
  ['R17', 'an empty source', ofFunction({ source: '' }), 'transformation.function.source', 'must not be empty'],
  [
    'R17',
    'a long source',
    ofFunction({ source: ' '.repeat(50_001) }),
    'transformation.function.source',
    'must not be longer than 50000 characters',
  ],
  [
    'R18',
    'an unknown language',
    ofFunction({ language: 'Ruby' }),
    'transformation.function.language',
    'must be one of "JavaScript", "Python"',
  ],
  ['R18', 'no language', ofFunction({ language: undefined }), 'transformation.function.language', 'is required'],
  [
    'R18',
    'an empty language',
    ofFunction({ language: '' }),
    'transformation.function.language',
    'must be one of "JavaScript", "Python"',
  ],
  ['R19', 'no in paths', ofFunction({ inPaths: null }), 'transformation.function.inPaths', 'must be an array'],
  [
    'R19',
    'empty in paths',
    ofFunction({ inPaths: [] }),
    'transformation.function.inPaths',
    'there are no input properties in transformation function',
  ],
  [
    'R19',
    'empty out paths',
    ofFunction({ outPaths: [] }),
    'transformation.function.outPaths',
    'there are no output properties in transformation function',
  ],
  [
    'R19',
    'a bad path',
    ofFunction({ inPaths: ['email', 'e-mail'] }),
    'transformation.function.inPaths[1]',
    'transformation function input property path "e-mail" is not valid',
  ],
  [
    'R19',
    'a repeated path',
    ofFunction({ outPaths: ['email', 'email'] }),
    'transformation.function.outPaths[1]',
    'transformation function output property path "email" is repeated',
  ],
  [
    'R19',
    'a path within another',
    { ...ofFunction({ inPaths: ['home', 'home.city'] }), ...PLAIN, inSchema: schema(ID, HOME) },
    'transformation.function.inPaths[1]',
    'transformation function input paths cannot contain both "home" and its sub-property path "home.city"',
  ],
  [
    'R19',
    'a path that is not in the schema',
    ofFunction({ inPaths: ['email', 'phone'] }),
    'transformation.function.inPaths[1]',
    'input property "phone" of transformation function does not exist in schema',
  ],
  [
    'R19',
    'a path that is no text',
    ofFunction({ inPaths: [5] }),
    'transformation.function.inPaths[0]',
    'must be a string',
  ],
  ['R20', 'neither', { transformation: {} }, 'transformation', 'must have mapping or function'],
  ['R21, R39', 'a path', { path: 'users.csv' }, 'path', OTHER_KIND],
  ['R22, R52', 'a table name', { tableName: 'users' }, 'tableName', OTHER_KIND],
  ['R23, R39', 'a sheet', { sheet: 'Sheet1' }, 'sheet', OTHER_KIND],
  ['R24, R53', 'an export mode', { exportMode: 'CreateOnly' }, 'exportMode', OTHER_KIND],
  ['R25, R53', 'a matching', { matching: { in: 'email', out: 'email' } }, 'matching', OTHER_KIND],
  ['R29, R37', 'a compression', { compression: 'Gzip' }, 'compression', OTHER_KIND],
  [
    'R30',
    'a userIDColumn that is no name',
    { ...mapping({ email: 'id email' }), userIDColumn: 'no name' },
    'userIDColumn',
    'must be the name of a property: letters, digits and "_"',
  ],
  [
    'R30',
    'a long userIDColumn',
    { ...mapping({ email: 'id email' }), userIDColumn: 'x'.repeat(1025) },
    'userIDColumn',
    'must not be longer than 1024 characters',
  ],
  [
    'R30',
    'an updatedAtColumn that is no name',
    { inSchema: input(), updatedAtColumn: '1' },
    'updatedAtColumn',
    'must be the name of a property: letters, digits and "_"',
  ],
  [
    'R31',
    'a format that is not read',
    { inSchema: updatedAt(TEXT), updatedAtFormat: 'YYYY' },
    'updatedAtFormat',
    'must be "ISO8601" or a strftime pattern such as "%Y-%m-%d %H:%M:%S"',
  ],
  [
    'R31',
    'a long format',
    { inSchema: updatedAt(TEXT), updatedAtFormat: '%'.repeat(65) },
    'updatedAtFormat',
    'must not be longer than 64 characters',
  ],
  ['R32, R49', 'an order', { orderBy: 'email' }, 'orderBy', OTHER_KIND],
  ['R33', 'incremental only', { ...PLAIN, incremental: true }, 'incremental', 'needs an updatedAtColumn'],
  ...['prefilled', 'createRequired', 'updateRequired', 'readOptional'].map(
    (flag) =>
      [
        'R35',
        `a column with ${flag}`,
        { ...PLAIN, inSchema: schema(ID, { ...EMAIL, [flag]: flag === 'prefilled' ? 'x' : true }) },
        `inSchema.properties[1].${flag}`,
        'is not allowed for a column of a database: leave it out',
      ] as const,
  ),
  ...['prefilled', 'createRequired', 'updateRequired', 'nullable'].map(
    (flag) =>
      [
        'R35',
        `a profile property with ${flag}`,
        { outSchema: schema({ ...out('email'), [flag]: flag === 'prefilled' ? 'x' : true }) },
        `outSchema.properties[0].${flag}`,
        'is not allowed for a property of a profile: leave it out',
      ] as const,
  ),
  [
    'R35',
    'a profile property that all have',
    { outSchema: schema(out('email', TEXT, {})) },
    'outSchema.properties[0].readOptional',
    'must be true: a profile may lack any property',
  ],
  ['R36', 'format settings', { formatSettings: { separator: ';' } }, 'formatSettings', OTHER_KIND],
  ['R38', 'no query', { query: undefined }, 'query', 'is required'],
  ['R38', 'an empty query', { query: '' }, 'query', 'must not be empty'],
  ['R38', 'a long query', { query: 'x'.repeat(1001) }, 'query', 'must not be longer than 1000 characters'],
  ['R40', 'no inSchema', { inSchema: null }, 'inSchema', 'must be an object'],
  [
    'R40',
    'no userIDColumn',
    { ...mapping({ email: 'id email' }), userIDColumn: undefined },
    'userIDColumn',
    'is required',
  ],
  [
    'R40',
    'an unknown userIDColumn',
    { ...mapping({ email: 'id email' }), userIDColumn: 'key' },
    'userIDColumn',
    'is not in inSchema: there is no property "key"',
  ],
  [
    'R41',
    'an identifier of another kind',
    { ...PLAIN, inSchema: schema(property('id', { kind: 'boolean' }, {}), EMAIL) },
    'userIDColumn',
    'must have kind string, int, uuid, json; it has boolean',
  ],
  [
    'R42',
    'an unknown updatedAtColumn',
    { ...PLAIN, updatedAtColumn: 'changed' },
    'updatedAtColumn',
    'is not in inSchema: there is no property "changed"',
  ],
  [
    'R42',
    'an update time of another kind',
    { inSchema: updatedAt({ kind: 'uuid' }) },
    'updatedAtColumn',
    'must have kind datetime, date, string, json; it has uuid',
  ],
  [
    'R43',
    'a format that is not needed',
    { updatedAtFormat: 'ISO8601' },
    'updatedAtFormat',
    'is not allowed for a column of kind datetime',
  ],
  [
    'R43',
    'no format where one is needed',
    { inSchema: updatedAt(TEXT) },
    'updatedAtFormat',
    'is required for a column of kind string',
  ],
  [
    'R43',
    'the format of spreadsheets',
    { inSchema: updatedAt(TEXT), updatedAtFormat: 'Excel' },
    'updatedAtFormat',
    'can be "Excel" for files only; for a column of a database use "ISO8601" or a strftime pattern',
  ],
  [
    'R43',
    'a format without a column',
    { ...PLAIN, updatedAtFormat: 'ISO8601' },
    'updatedAtFormat',
    'is not allowed without updatedAtColumn',
  ],
  ['R50, R52', 'a table key', { tableKey: 'id' }, 'tableKey', OTHER_KIND],
  ['R54', 'updateOnDuplicates', { updateOnDuplicates: true }, 'updateOnDuplicates', OTHER_KIND],
  ['R56', 'no transformation', { transformation: undefined }, 'transformation', 'is required'],
  ['R56', 'a null transformation', { transformation: null }, 'transformation', 'must be an object'],
  [
    'R57',
    'constants only',
    { ...mapping({ email: '"x"' }), updatedAtColumn: null, inSchema: schema(ID) },
    'transformation.mapping',
    'must use at least one property of inSchema',
  ],
  [
    'R58',
    'a column that nothing uses',
    { ...PLAIN, inSchema: input(property('idle', TEXT, {})) },
    'inSchema',
    'property "idle" is not used by anything: leave it out',
  ],
  [
    'R58',
    'a column that the function does not use',
    { ...ofFunction({}), ...PLAIN, inSchema: input(property('idle', TEXT, {})) },
    'inSchema',
    'property "idle" is not used by anything: leave it out',
  ],
  [
    'R58',
    'a property that the mapping does not write',
    { outSchema: schema(out('email'), out('country')) },
    'outSchema',
    'property "country" is not written by the mapping: leave it out',
  ],
  [
    'R58',
    'a property that the function does not write',
    { ...ofFunction({}), outSchema: schema(out('email'), out('country')) },
    'outSchema',
    'property "country" is not written by the function: leave it out, or add it to outPaths',
  ],
  [
    'alignment',
    'a property that profiles do not have',
    { ...mapping({ email: 'email', phone: 'email' }), outSchema: schema(out('email'), out('phone')) },
    'outSchema',
    'property "phone" is not in the profile schema: GET /v1/profiles/schema shows what is',
  ],
  [
    'alignment',
    'a property of another type',
    { outSchema: schema(out('email', { kind: 'uuid' })), ...mapping({ email: 'email' }) },
    'outSchema',
    'property "email" has type uuid, in the profile schema it has string: give it that type',
  ],
];

describe('a definition that breaks a rule', () => {
  it.each(RULES)('%s: %s', async (_rule, _what, changes, path, message) => {
    expect(await findings(changes)).toEqual([{ path, message }]);
  });

  it.each([
    ['_email', 'must not begin with "_": such names are reserved'],
    ['list', 'must not be an array, an object or a map: a profile keeps lists and maps of simple values only'],
  ])('R35: a profile property such as %s', async (name, message) => {
    const list = { kind: 'array', elementType: { kind: 'map', elementType: TEXT } };
    const outSchema = schema(out('email'), out(name, name === 'list' ? list : TEXT));
    const messages = (await findings({ outSchema })).map((finding) => finding.message);
    expect(messages).toContain(message);
  });

  it('R35: two properties of one column', async () => {
    const a = out('a', schema(out('b')));
    const outSchema = schema(out('email'), a, out('A_B'));
    expect(await findings({ outSchema })).toContainEqual({
      path: 'outSchema',
      message: 'has the properties "a.b" and "A_B", which would have the same column',
    });
  });
});

describe('a definition with a schema that cannot be read', () => {
  const BROKEN = { kind: 'object', properties: [{ name: 'id', type: { kind: 'number' } }] };
  const paths = async (changes: object) => (await findings(changes)).map(({ path }) => path);

  it('is told what is wrong with its columns and expressions all the same', async () => {
    const changes = {
      ...mapping({ email: 'lower(', mail: 'email', 'email.x': 'email' }),
      ...{ inSchema: BROKEN, userIDColumn: 'no name', updatedAtColumn: '1', updatedAtFormat: 'Excel' },
    };
    expect(await paths(changes)).toEqual([
      'inSchema.properties[0].type.kind',
      'userIDColumn',
      'updatedAtColumn',
      'updatedAtFormat',
      'transformation.mapping["email"]',
      'transformation.mapping["email.x"]',
      'transformation.mapping["mail"]',
    ]);
  });

  it('is told which columns its mapping does not use', async () => {
    const found = await findings({
      ...PLAIN,
      inSchema: input(property('idle', TEXT, {})),
      outSchema: BROKEN,
      ...mapping({ email: 'email', phone: 'mail' }),
    });
    expect(found.map(({ path }) => path)).toEqual([
      'outSchema.properties[0].type.kind',
      'transformation.mapping["phone"]',
    ]);
    expect(await paths({ ...PLAIN, inSchema: input(property('idle', TEXT, {})), outSchema: BROKEN })).toEqual([
      'outSchema.properties[0].type.kind',
      'inSchema',
    ]);
  });

  it('is told what is wrong with the paths of its function', async () => {
    const changes = {
      ...ofFunction({
        language: 'Ruby',
        source: '',
        inPaths: ['a', 'a.b', 'a'],
        outPaths: ['email', 'phone', 'e-mail'],
      }),
      ...{ inSchema: BROKEN, updatedAtColumn: null },
    };
    expect(await paths(changes)).toEqual([
      'inSchema.properties[0].type.kind',
      'transformation.function.language',
      'transformation.function.source',
      'transformation.function.inPaths[1]',
      'transformation.function.inPaths[2]',
      'transformation.function.outPaths[1]',
      'transformation.function.outPaths[2]',
    ]);
  });
});

describe('a mapping of which not all can be read', () => {
  it('is told about the rest, and nothing that the unread part could change', async () => {
    const found = await findings({
      ...mapping({ email: 'mail', country: 5 }),
      outSchema: schema(out('email'), out('country')),
    });
    expect(found).toEqual([
      { path: 'transformation.mapping["country"]', message: 'must be a string: an expression' },
      { path: 'transformation.mapping["email"]', message: 'property "mail" does not exist' },
    ]);
    const [only, ...more] = await findings({
      ...mapping({ email: 'id', country: 5 }),
      outSchema: schema(out('email'), out('country')),
    });
    expect([only?.path, more]).toEqual(['transformation.mapping["country"]', []]);
  });
});

describe('what is wrong with an expression', () => {
  it('has its place in the text', async () => {
    const answer = await create(mapping({ email: 'lower(email)\n  mail' }));
    expect(answer.body.error.details).toEqual([
      {
        path: 'transformation.mapping["email"]',
        message: 'property "mail" does not exist',
        position: { line: 2, column: 3, offset: 15, length: 4, excerpt: '  mail\n  ^^^^' },
      },
    ]);
  });

  it('is all there, of all expressions', async () => {
    const answer = await create({
      ...mapping({ email: 'one two', country: 'three(' }),
      outSchema: schema(out('email'), out('country')),
    });
    const places = answer.body.error.details.map(
      ({ path, position }: { path: string; position?: { offset: number } }) => [path, position?.offset],
    );
    expect(places).toEqual(
      expect.arrayContaining([
        ['transformation.mapping["email"]', 0],
        ['transformation.mapping["email"]', 4],
        ['transformation.mapping["country"]', 0],
      ]),
    );
  });
});

describe('a definition that is very large', () => {
  it('is told of a hundred findings, and how many more there are', async () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `idle${index}`);
    const found = await findings({ ...PLAIN, inSchema: input(...names.map((name) => property(name, TEXT, {}))) });
    expect(found).toHaveLength(101);
    expect(found[99]).toEqual({
      path: 'inSchema',
      message: 'property "idle99" is not used by anything: leave it out',
    });
    expect(found[100]).toEqual({ path: 'body', message: 'has 1900 more problems' });
  });

  it('is told of fewer findings when they are long, with texts that are cut', async () => {
    const expressions = Array.from({ length: 120 }, (_, index) => [`${'😀'.repeat(800)}${index}`, 5]);
    const answer = await create({ ...PLAIN, ...mapping(Object.fromEntries(expressions)) });
    const details: Finding[] = answer.body.error.details;
    for (const { path, message } of details) {
      expect(path.length).toBeLessThanOrEqual(1_000);
      expect(`${path}${message}`.isWellFormed()).toBe(true);
    }
    expect(answer.text.length).toBeLessThan(300_000);
    expect(details.length).toBeLessThan(100);
    expect(details.at(-1)?.message).toMatch(/^has \d+ more problems$/);
  });

  it('can be told of more findings than a call can have arguments', async () => {
    const paths = Array.from({ length: 999 }, () => 1);
    const nulls = await findings({ ...PLAIN, ...ofFunction({ inPaths: paths, outPaths: paths }) });
    expect(nulls.at(-1)).toEqual({ path: 'body', message: expect.stringMatching(/^has \d{4} more problems$/) });
    const many = Array.from({ length: 200_000 }, () => 1);
    expect(await findings({ ...PLAIN, ...ofFunction({ outPaths: many }) })).toContainEqual({
      path: 'transformation.function.outPaths',
      message: 'must have at most 1000 elements',
    });
  });

  it.each([
    ['paths', 25, (index: number) => property(`p${index}`, TEXT, {})],
    ['patterns', 1, (index: number) => property(`p${index}`, { kind: 'string', pattern: '[^\\pL]{1000}' }, {})],
  ])('is refused for %s that are short in JSON and long in memory', async (what, depth, leaf) => {
    let inSchema = schema(...Array.from({ length: 2_500 }, (_, index) => leaf(index)));
    for (let level = 0; level < depth; level++) inSchema = schema(property('n'.repeat(250), inSchema, {}));
    const [first] = await findings({ ...PLAIN, inSchema });
    expect(first).toEqual({ path: 'inSchema', message: expect.stringContaining(`has ${what} that are too long`) });
  });
});

describe('a property that is used', () => {
  const DATA = property('data', { kind: 'json' }, {});
  const AB = property('a', schema(property('b', TEXT, {}), property('bc', TEXT, {})), {});

  it.each([
    ['a.b', ['data', 'a.bc']],
    ['a.bc', ['data', 'a.b']],
    ['coalesce(data.x, a.bc)', ['a.b']],
    ['data.a', ['a.b', 'a.bc']],
  ])('is so by its path, by the object that it is in, or by what is in it: %s', async (expression, idle) => {
    const found = await findings({
      ...{ ...PLAIN, inSchema: schema(ID, DATA, AB), outSchema: schema(out('email')) },
      ...mapping({ email: expression }),
    });
    expect(found.map(({ message }) => /"(.*)"/.exec(message)?.[1])).toEqual(idle);
  });

  it('is so by the object that it is in', async () => {
    const changes = { inSchema: schema(ID, EMAIL, DATA, AB), ...ofFunction({ inPaths: ['a'] }) };
    const found = await findings({ ...PLAIN, ...changes });
    expect(found.map(({ message }) => /"(.*)"/.exec(message)?.[1])).toEqual(['email', 'data']);
  });
});
