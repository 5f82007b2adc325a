import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import {
  condition,
  createKindsTenant,
  type Kind,
  mapping,
  PROFILE,
  property,
  schema,
  TEXT,
} from './support/pipeline-kinds.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let tenant: Awaited<ReturnType<typeof createKindsTenant>>;

beforeAll(async () => {
  api = await TestApi.start({ env: { FILESYSTEM_ROOT: '/srv/files' } });
  tenant = await createKindsTenant(api);
});
afterAll(() => api.close());

interface Finding {
  readonly path: string;
  readonly message: string;
}

const create = (kind: Kind, changes: object) =>
  api.call('POST', '/v1/pipelines', { key: tenant.key, body: tenant.bodyOf(kind, changes) });
const findings = async (kind: Kind, changes: object): Promise<Finding[]> => {
  const answer = await create(kind, changes);
  expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
  return answer.body.error.details.map(({ path, message }: Finding) => ({ path, message }));
};

type Rule = readonly [rule: string, what: string, changes: object, path: string, message: string];

const FLAGS = { prefilled: 'x', createRequired: true, updateRequired: true, nullable: true, readOptional: true };
const ofFunction = (inPaths: string[], outPaths: string[]) => ({
  transformation: { function: { language: 'JavaScript', source: 'const transform = () => ({});', inPaths, outPaths } },
});
const foreign = (kind: string, rules: readonly (readonly [rule: string, member: string, value: unknown])[]): Rule[] =>
  rules.map(([rule, member, value]) => [
    rule,
    member,
    { [member]: value },
    member,
    `is not allowed for a pipeline that ${kind}: leave it out`,
  ]);

/** What exports read of profiles: the same for all of them. `filtered` is used by nothing but the filter. */
const profileSide = (filtered: string): Rule[] => [
  ['R6', 'a long name', { name: 'x'.repeat(61) }, 'name', 'must not be longer than 60 characters'],
  ['R7', 'an inSchema of another kind', { inSchema: { kind: 'map' } }, 'inSchema.kind', 'must be "object"'],
  ['R9, R40, R45', 'no inSchema', { inSchema: null }, 'inSchema', 'must be an object'],
  [
    'R10',
    'an invalid filter',
    { filter: condition(filtered, 'resembles', 'x') },
    'filter.conditions[0].operator',
    'operator "resembles" is not valid',
  ],
  [
    'R10',
    'a filter by what is not in inSchema',
    {
      filter: {
        logical: 'or',
        conditions: [...condition(filtered, 'exists').conditions, ...condition('phone', 'exists').conditions],
      },
    },
    'filter.conditions[1].property',
    'property path "phone" does not exist',
  ],
];

const ID = property('id', TEXT, { createRequired: true });
const YEARS = property('years', { kind: 'int', bitSize: 16 }, { nullable: true });
const MAIL = property('mail', TEXT, { createRequired: true });
const LAND = property('land', TEXT, {});

/** Profile properties with a flag that they must not have; what is around stays as it is. */
const profileFlags = (around: object[]): Rule[] => [
  ...(['prefilled', 'createRequired', 'updateRequired', 'nullable'] as const).map(
    (flag): Rule => [
      'R35',
      `a profile property with ${flag}`,
      { inSchema: schema({ ...PROFILE.email, [flag]: FLAGS[flag] }, ...around) },
      `inSchema.properties[0].${flag}`,
      'is not allowed for a property of a profile: leave it out',
    ],
  ),
  [
    'R35',
    'a profile property that all have',
    { inSchema: schema({ ...PROFILE.email, readOptional: undefined }, ...around) },
    'inSchema.properties[0].readOptional',
    'must be true: a profile may lack any property',
  ],
  [
    'alignment',
    'a property of another type',
    { inSchema: schema({ ...PROFILE.email, type: { kind: 'string', maxLength: 9 } }, ...around) },
    'inSchema',
    'property "email" has type string, in the profile schema it has string with other parameters: give it that type',
  ],
];

const forbidden = (of: string) => `is not allowed for ${of}: leave it out`;

const TABLE: readonly Rule[] = [
  ...profileSide('country'),
  ...profileFlags([PROFILE.country, PROFILE.age]),
  [
    'R10',
    'a filter by json',
    { filter: condition('data', 'is null'), inSchema: schema(PROFILE.email, PROFILE.age, PROFILE.data) },
    'filter.conditions[0].property',
    'property "data" has type json, which is not supported in data warehouse exports',
  ],
  [
    'R12',
    'mapping and function',
    { transformation: { mapping: { id: 'email' }, ...ofFunction([], []).transformation } },
    'transformation',
    'must not have both mapping and function: leave one of them out',
  ],
  ['R13', 'an empty mapping', mapping({}), 'transformation.mapping', 'mapping is empty'],
  ['R14', 'no outSchema', { outSchema: undefined }, 'outSchema', 'is required'],
  [
    'R15',
    'an unknown property',
    mapping({ id: 'mail', years: 'age' }),
    'transformation.mapping["id"]',
    'property "mail" does not exist',
  ],
  [
    'R19',
    'an unknown out path',
    ofFunction(['email', 'age'], ['id', 'years', 'size']),
    'transformation.function.outPaths[2]',
    'output property "size" of transformation function does not exist in schema',
  ],
  ['R20', 'no transformation in it', { transformation: {} }, 'transformation', 'must have mapping or function'],
  ['R22', 'no tableName', { tableName: undefined }, 'tableName', 'is required'],
  ['R22, R50', 'an empty tableName', { tableName: '' }, 'tableName', 'must not be empty'],
  ['R22', 'a long tableName', { tableName: 'x'.repeat(1025) }, 'tableName', 'must not be longer than 1024 characters'],
  ['R50', 'no tableKey', { tableKey: undefined }, 'tableKey', 'is required'],
  ['R50', 'an empty tableKey', { tableKey: '' }, 'tableKey', 'must not be empty'],
  [
    'R50',
    'a key that is no name',
    { tableKey: 'a.b', outSchema: schema({ ...ID, createRequired: undefined }, YEARS) },
    'tableKey',
    'must be the name of a property: letters, digits and "_"',
  ],
  [
    'R50',
    'an unknown key',
    { tableKey: 'key', outSchema: schema({ ...ID, createRequired: undefined }, YEARS) },
    'tableKey',
    'is not in outSchema: there is no property "key"',
  ],
  [
    'R50',
    'a key of another kind',
    {
      ...mapping({ id: 'age', years: 'age' }),
      filter: null,
      inSchema: schema(PROFILE.age),
      outSchema: schema({ ...ID, type: { kind: 'float', bitSize: 64 } }, YEARS),
    },
    'tableKey',
    'must have kind string, int, uuid; it has float',
  ],
  [
    'R51',
    'a key that is not mapped',
    {
      ...mapping({ years: 'age' }),
      filter: condition('email', 'exists'),
      inSchema: schema(PROFILE.email, PROFILE.age),
    },
    'tableKey',
    'is not written by the mapping: every row needs a value for "id"',
  ],
  [
    'R51',
    'a key that no function returns',
    { ...ofFunction(['email', 'age'], ['years']) },
    'tableKey',
    'is not written by the function: every row needs a value for "id"',
  ],
  [
    'R51',
    'nothing but the key',
    { ...mapping({ id: 'email' }), inSchema: schema(PROFILE.email, PROFILE.country), outSchema: schema(ID) },
    'transformation.mapping',
    'writes tableKey only: write at least one other column',
  ],
  [
    'R51',
    'a function of nothing but the key',
    { ...ofFunction(['email'], ['id']), inSchema: schema(PROFILE.email, PROFILE.country), outSchema: schema(ID) },
    'transformation.function',
    'writes tableKey only: write at least one other column',
  ],
  ...(['prefilled', 'updateRequired', 'readOptional'] as const).map(
    (flag): Rule => [
      'R35',
      `a column with ${flag}`,
      { outSchema: schema(ID, { ...YEARS, [flag]: FLAGS[flag] }) },
      `outSchema.properties[1].${flag}`,
      forbidden('a column of a table that is written'),
    ],
  ),
  [
    'R35',
    'a key that is not createRequired',
    { outSchema: schema({ ...ID, createRequired: undefined }, YEARS) },
    'outSchema.properties[0].createRequired',
    'must be true: every row has a key',
  ],
  [
    'R35',
    'a key that is nullable',
    { outSchema: schema({ ...ID, nullable: true }, YEARS) },
    'outSchema.properties[0].nullable',
    forbidden('the key of a table'),
  ],
  [
    'R35',
    'another column that is createRequired',
    { outSchema: schema(ID, { ...YEARS, createRequired: true }) },
    'outSchema.properties[1].createRequired',
    forbidden('a column that is not the key'),
  ],
  ['R56', 'no transformation', { transformation: undefined }, 'transformation', 'is required'],
  [
    'R57',
    'constants only',
    { ...mapping({ id: '"a"', years: '1' }), inSchema: schema(PROFILE.country) },
    'transformation.mapping',
    'must use at least one property of inSchema',
  ],
  [
    'R58',
    'a property that nothing uses',
    { inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.age, PROFILE.vip) },
    'inSchema',
    'property "vip" is not used by anything: leave it out',
  ],
  [
    'R58',
    'a property that only the filter used',
    { filter: null },
    'inSchema',
    'property "country" is not used by anything: leave it out',
  ],
  [
    'R58',
    'a column that nothing writes',
    { outSchema: schema(ID, YEARS, LAND) },
    'outSchema',
    'property "land" is not written by the mapping: leave it out',
  ],
  ['', 'something unknown of those who leave', { onLeave: 'archive' }, 'onLeave', 'must be one of "keep", "delete"'],
  ['', 'a share of more than all', { maxRemovedShare: 1.5 }, 'maxRemovedShare', 'must be at most 1'],
  ...foreign('exports profiles to a database', [
    ['R2', 'format', 'csv'],
    ['R11', 'requiredConsents', {}],
    ['R33', 'incremental', true],
    ['R36', 'formatSettings', { separator: ';' }],
    ['R37', 'compression', 'Gzip'],
    ['R38', 'query', 'SELECT 1'],
    ['R39', 'path', 'users.csv'],
    ['R39', 'sheet', 'Users'],
    ['R44', 'userIDColumn', 'id'],
    ['R44', 'updatedAtColumn', 'at'],
    ['R44', 'updatedAtFormat', 'ISO8601'],
    ['R49', 'orderBy', 'email'],
    ['R53', 'exportMode', 'CreateOnly'],
    ['R53', 'matching', { in: 'email', out: 'id' }],
    ['R54', 'updateOnDuplicates', true],
    ['', 'cursorOverlapSeconds', 0],
  ]),
];

const FILE: readonly Rule[] = [
  ...profileSide('country'),
  ...profileFlags([PROFILE.country, PROFILE.address]),
  [
    'R10',
    'a filter by json',
    { filter: condition('data', 'is null') },
    'filter.conditions[0].property',
    'property "data" has type json, which is not supported in data warehouse exports',
  ],
  ['R2', 'no format', { format: undefined }, 'format', 'is required'],
  ['R21', 'a long path', { path: 'x'.repeat(1025) }, 'path', 'must not be longer than 1024 characters'],
  [
    'R21',
    'an unknown placeholder',
    { path: 'a-${hour}.csv' },
    'path',
    'has a placeholder "hour" that does not exist: use ${today}, ${now} or ${unix}',
  ],
  [
    'R21',
    'an open placeholder',
    { path: 'a-${now.csv' },
    'path',
    'has a placeholder that is not closed: "}" is missing after "${now.csv"',
  ],
  ['R39', 'an empty path', { path: '' }, 'path', 'must not be empty'],
  ['R39', 'no path', { path: undefined }, 'path', 'is required'],
  ['', 'a path that the storage does not have', { path: '../${today}.csv' }, 'path', expect.stringMatching(/\.\./)],
  [
    'R23',
    'a name that no sheet can have',
    { format: 'excel', sheet: 'a/b', formatSettings: null },
    'sheet',
    `must not begin or end with "'" or have one of * / : ? [ \\ ]`,
  ],
  ['R39', 'no sheet where there are some', { format: 'excel', formatSettings: null }, 'sheet', 'is required for Excel'],
  ['R39', 'a sheet where there are none', { sheet: 'Users' }, 'sheet', 'is not allowed for CSV: it has no sheets'],
  [
    'R29',
    'an unknown compression',
    { compression: 'Rar' },
    'compression',
    'must be one of "", "Zip", "Gzip", "Snappy"',
  ],
  ['R36', 'format settings that are no object', { formatSettings: 'x' }, 'formatSettings', 'must be an object'],
  [
    'R36',
    'a setting of reading',
    { formatSettings: { trimLeadingSpace: true } },
    'formatSettings',
    expect.stringContaining('trimLeadingSpace'),
  ],
  [
    'R36',
    'a setting of another type',
    { formatSettings: { separator: 5 } },
    'formatSettings.separator',
    'must be a string',
  ],
  [
    'R32',
    'an order that is no path',
    { orderBy: 'e-mail' },
    'orderBy',
    'must be the path of a property: names of letters, digits and "_", joined by "."',
  ],
  ['R32', 'a long order', { orderBy: 'x'.repeat(1025) }, 'orderBy', 'must not be longer than 1024 characters'],
  ['R46', 'no order', { orderBy: undefined }, 'orderBy', 'is required'],
  ['R46', 'an empty order', { orderBy: '' }, 'orderBy', 'must not be empty'],
  [
    'R46',
    'an order by what is not in inSchema',
    { orderBy: 'age' },
    'orderBy',
    'is not in inSchema: there is no property "age"',
  ],
  [
    'R47',
    'an order by json',
    { orderBy: 'data' },
    'orderBy',
    'must have kind string, int, uuid, ip, decimal; it has json',
  ],
  [
    'R47',
    'an order by an object',
    { orderBy: 'address' },
    'orderBy',
    'must have kind string, int, uuid, ip, decimal; it has object',
  ],
  [
    'R48',
    'an order by a fraction',
    { orderBy: 'score', inSchema: schema(PROFILE.country, PROFILE.score) },
    'orderBy',
    'must have no digits after the point to be ordered by; it has scale 2',
  ],
  ...foreign('exports profiles to a file', [
    ['R33', 'incremental', true],
    ['R38', 'query', 'SELECT 1'],
    ['R44', 'userIDColumn', 'id'],
    ['R45', 'outSchema', schema(ID)],
    ['R52', 'tableName', 'users'],
    ['R52', 'tableKey', 'id'],
    ['R53', 'exportMode', 'CreateOnly'],
    ['R53', 'matching', { in: 'email', out: 'id' }],
    ['R54', 'updateOnDuplicates', true],
    ['R55', 'transformation', { mapping: { email: 'email' } }],
    ['', 'onLeave', 'delete'],
    ['', 'maxRemovedShare', 0],
  ]),
];

const matching = (input: string, output: string) => ({ matching: { in: input, out: output } });
/** Without a filter, and with the given properties besides those that are matched and mapped. */
const matched = (input: object, output: object) => ({
  filter: null,
  inSchema: schema(PROFILE.country, input),
  outSchema: schema(LAND, output),
});

const APPLICATION: readonly Rule[] = [
  ...profileSide('vip'),
  ...profileFlags([PROFILE.country, PROFILE.vip]),
  [
    'R10',
    'a filter by json',
    { filter: condition('data', 'is null'), inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.data) },
    'filter.conditions[0].property',
    'property "data" has type json, which is not supported in data warehouse exports',
  ],
  ['R14', 'no outSchema', { outSchema: undefined }, 'outSchema', 'is required'],
  [
    'R24',
    'an unknown export mode',
    { exportMode: 'Upsert' },
    'exportMode',
    'must be one of "CreateOnly", "UpdateOnly", "CreateOrUpdate"',
  ],
  ['R53', 'no export mode', { exportMode: undefined }, 'exportMode', 'is required'],
  [
    'R53',
    'no matching',
    {
      matching: undefined,
      outSchema: schema(LAND),
      filter: condition('email', 'exists'),
      inSchema: schema(PROFILE.email, PROFILE.country),
    },
    'matching',
    'is required',
  ],
  [
    'R25',
    'half a matching',
    {
      matching: { in: 'email' },
      outSchema: schema(LAND),
      filter: condition('email', 'exists'),
      inSchema: schema(PROFILE.email, PROFILE.country),
    },
    'matching.out',
    'is required',
  ],
  [
    'R26',
    'a matching that is no path',
    { ...matching('email', 'e-mail'), outSchema: schema(LAND) },
    'matching.out',
    'must be the path of a property: names of letters, digits and "_", joined by "."',
  ],
  [
    'R26',
    'matching by what is not in inSchema',
    {
      ...matching('phone', 'mail'),
      filter: condition('email', 'exists'),
      inSchema: schema(PROFILE.email, PROFILE.country),
    },
    'matching.in',
    'is not in inSchema: there is no property "phone"',
  ],
  [
    'R26',
    'matching by what is not in outSchema',
    { ...matching('email', 'phone'), outSchema: schema(LAND) },
    'matching.out',
    'is not in outSchema: there is no property "phone"',
  ],
  [
    'R26',
    'matching by a boolean',
    { ...matching('vip', 'mail'), ...matched(PROFILE.vip, MAIL) },
    'matching.in',
    'must have kind string, int, uuid; it has boolean',
  ],
  [
    'R26',
    'matching with a date',
    { ...matching('email', 'day'), ...matched(PROFILE.email, property('day', { kind: 'date' })) },
    'matching.out',
    'must have kind string, int, uuid; it has date',
  ],
  [
    'R27',
    'an integer and a uuid',
    { ...matching('age', 'uid'), ...matched(PROFILE.age, property('uid', { kind: 'uuid' })) },
    'matching',
    'cannot match a property of kind int with one of kind uuid',
  ],
  [
    'R27',
    'a uuid and an integer',
    { ...matching('key', 'number'), ...matched(PROFILE.key, property('number', { kind: 'int', bitSize: 32 })) },
    'matching',
    'cannot match a property of kind uuid with one of kind int',
  ],
  [
    'R28',
    'a mapping to what is matched',
    mapping({ land: 'country', mail: 'email' }),
    'transformation.mapping["mail"]',
    expect.stringMatching(/^writes over matching.out: leave "mail" out/),
  ],
  [
    'R28',
    'a function of what is matched',
    ofFunction(['country'], ['land', 'mail']),
    'transformation.function.outPaths',
    expect.stringMatching(/^writes over matching.out: leave "mail" out/),
  ],
  [
    'R28',
    'a function of the object that is matched in',
    {
      ...ofFunction(['country'], ['land', 'contact']),
      ...matching('email', 'contact.mail'),
      outSchema: schema(LAND, property('contact', schema(MAIL))),
    },
    'transformation.function.outPaths',
    expect.stringMatching(/^writes over matching.out: leave "contact" out/),
  ],
  [
    'R35',
    'a property that is prefilled',
    { outSchema: schema(MAIL, { ...LAND, prefilled: 'x' }) },
    'outSchema.properties[1].prefilled',
    forbidden('a property of an application that is written'),
  ],
  [
    'R35',
    'a property that users may lack',
    { outSchema: schema(MAIL, { ...LAND, readOptional: true }) },
    'outSchema.properties[1].readOptional',
    forbidden('a property of an application that is written'),
  ],
  ['R56', 'no transformation', { transformation: null }, 'transformation', 'must be an object'],
  [
    'R57',
    'constants only',
    { ...mapping({ land: '"CH"' }), inSchema: schema(PROFILE.email, PROFILE.vip) },
    'transformation.mapping',
    'must use at least one property of inSchema',
  ],
  [
    'R58',
    'a property that nothing uses',
    { inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.vip, PROFILE.age) },
    'inSchema',
    'property "age" is not used by anything: leave it out',
  ],
  [
    'R58',
    'a property that nothing writes',
    { outSchema: schema(MAIL, LAND, YEARS) },
    'outSchema',
    'property "years" is not written by the mapping: leave it out',
  ],
  ...foreign('exports profiles to an application', [
    ['R2', 'format', 'csv'],
    ['R33', 'incremental', true],
    ['R37', 'compression', 'Gzip'],
    ['R38', 'query', 'SELECT 1'],
    ['R39', 'path', 'users.csv'],
    ['R44', 'userIDColumn', 'id'],
    ['R49', 'orderBy', 'email'],
    ['R52', 'tableName', 'users'],
    ['R52', 'tableKey', 'id'],
  ]),
];

const EMAIL = property('email', TEXT, { readOptional: true, nullable: true });

const APPLICATION_IMPORT: readonly Rule[] = [
  [
    'R10',
    'an invalid filter',
    { filter: condition('email', 'is') },
    'filter.conditions[0].values',
    'only one value can be used with the operator "is"',
  ],
  ...(['prefilled', 'createRequired', 'updateRequired'] as const).map(
    (flag): Rule => [
      'R35',
      `a property with ${flag}`,
      { inSchema: schema({ ...EMAIL, [flag]: FLAGS[flag] }) },
      `inSchema.properties[0].${flag}`,
      forbidden('a property of an application that is imported from'),
    ],
  ),
  [
    'R35',
    'a profile property that all have',
    { outSchema: schema({ ...PROFILE.email, readOptional: undefined }) },
    'outSchema.properties[0].readOptional',
    'must be true: a profile may lack any property',
  ],
  ['R40', 'no inSchema', { inSchema: null }, 'inSchema', 'must be an object'],
  [
    '',
    'the identifier itself',
    { ...mapping({ email: '_id' }), filter: null, inSchema: schema(property('_id', TEXT)) },
    'inSchema.properties[0].name',
    expect.stringMatching(/^is reserved/),
  ],
  ['R56', 'no transformation', { transformation: undefined }, 'transformation', 'is required'],
  [
    'R57',
    'constants only',
    mapping({ email: '"a"' }),
    'transformation.mapping',
    'must use at least one property of inSchema',
  ],
  [
    'R58',
    'a property that nothing uses',
    { inSchema: schema(EMAIL, property('idle', TEXT)) },
    'inSchema',
    'property "idle" is not used by anything: leave it out',
  ],
  ...foreign('imports users from an application', [
    ['R2', 'format', 'csv'],
    ['R38', 'query', 'SELECT 1'],
    ['R39', 'path', 'users.csv'],
    ['R44', 'userIDColumn', 'id'],
    ['R44', 'updatedAtColumn', 'at'],
    ['R44', 'updatedAtFormat', 'ISO8601'],
    ['R49', 'orderBy', 'email'],
    ['R52', 'tableName', 'users'],
    ['R53', 'exportMode', 'CreateOnly'],
    ['R53', 'matching', { in: 'email', out: 'email' }],
    ['R54', 'updateOnDuplicates', true],
    ['', 'onLeave', 'delete'],
  ]),
];

describe.each([
  ['export-to-database', TABLE],
  ['export-to-file', FILE],
  ['export-to-application', APPLICATION],
  ['import-from-application', APPLICATION_IMPORT],
] as const)('a definition %s that breaks a rule is told so, and nothing else', (kind, rules) => {
  it.each(rules)('%s: %s', async (_rule, _what, changes, path, message) => {
    expect(await findings(kind, changes)).toEqual([{ path, message }]);
  });
});

describe('what is wrong with an export', () => {
  it('is reported all together, each with its path', async () => {
    const found = await findings('export-to-application', {
      ...{ name: '', exportMode: 'x', tableName: 'users', filter: condition('vip', 'is', 'x') },
      ...matching('vip', 'land.x'),
      inSchema: schema(PROFILE.country, { ...PROFILE.vip, nullable: true }),
      outSchema: schema({ ...LAND, prefilled: 'x' }),
    });
    expect(found.map(({ path }) => path)).toEqual([
      'name',
      'exportMode',
      'tableName',
      'inSchema.properties[1].nullable',
      'outSchema.properties[0].prefilled',
      'filter.conditions[0].operator',
      'matching.in',
      'matching.out',
      'transformation.mapping["land"]',
    ]);
  });
});

describe('an export that is unusual', () => {
  it.each([
    [
      'is ordered by a decimal without a fraction',
      'export-to-file',
      { orderBy: 'number', inSchema: schema(PROFILE.country, PROFILE.number) },
    ],
    ['has blanks and capitals in its placeholders', 'export-to-file', { path: 'a-${ NOW }-${Unix}.csv' }],
    ['is in a sheet', 'export-to-file', { format: 'excel', sheet: 'Users', formatSettings: null, compression: '' }],
    ['has a pattern in its path, which is a name here', 'export-to-file', { path: 'a-[1].csv' }],
    [
      'matches text with an integer',
      'export-to-application',
      { ...matching('email', 'number'), ...matched(PROFILE.email, property('number', { kind: 'int', bitSize: 32 })) },
    ],
    [
      'matches within an object that users may lack',
      'export-to-application',
      {
        ...matching('email', 'contact.mail'),
        outSchema: schema(LAND, property('contact', schema({ ...MAIL, readOptional: true }), { readOptional: true })),
      },
    ],
    ['only updates', 'export-to-application', { exportMode: 'UpdateOnly' }],
    [
      'has an integer as its key',
      'export-to-database',
      {
        ...mapping({ id: 'age', years: 'age' }),
        filter: null,
        inSchema: schema(PROFILE.age),
        outSchema: schema({ ...ID, type: { kind: 'int', bitSize: 64 } }, YEARS),
      },
    ],
  ] as const)('and %s is accepted', async (_what, kind, changes) => {
    const answer = await create(kind, changes);
    expect(answer.body.error?.details).toBeUndefined();
    expect(answer.status).toBe(200);
  });
});
