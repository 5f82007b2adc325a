import { API_DEFINITION } from '@penstock/shared/testing';
import { withNewId } from '@penstock/shared/use-cases';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let key: string;
let connection: number;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
  connection = await api.make.connection(workspace);
});

const { kind: _, ...definition } = API_DEFINITION;
const bodyOf = (changes: object = {}) => ({ connection, target: 'User', name: 'Users', ...definition, ...changes });
const create = (changes: object = {}) => api.call('POST', '/v1/pipelines', { key, body: bodyOf(changes) });
const violations = async (changes: object): Promise<{ path: string; message: string }[]> => {
  const answer = await create(changes);
  expect(errorOf(answer)).toMatchObject({ status: 400, code: 'BadRequest' });
  return answer.body.error.details;
};
const paths = async (changes: object) => (await violations(changes)).map(({ path }) => path);
const get = async (id: number) => (await api.call('GET', `/v1/pipelines/${id}`, { key })).body;

const column = (name: string, type: object = { kind: 'string' }, flags: object = { nullable: true }) => ({
  name,
  type,
  ...flags,
  description: '',
});
const columns = (...properties: object[]) => ({ kind: 'object', properties });
const input = (...more: object[]) => columns(column('id', { kind: 'string' }, {}), column('email'), ...more);
const output = (...properties: object[]) => columns(...properties);
const profile = (name: string, type: object = { kind: 'string' }) => column(name, type, { readOptional: true });

describe('creating a pipeline', () => {
  it('answers its id, and GET shows all of it', async () => {
    const { body } = await create({ maxRemovedShare: 0.5, cursorOverlapSeconds: 60, enabled: true, incremental: true });
    expect(await get(body.id)).toEqual({
      id: body.id,
      name: 'Users',
      connector: 'postgresql',
      connectorType: 'Database',
      connection,
      connectionRole: 'Source',
      target: 'User',
      enabled: true,
      query: definition.query,
      userIDColumn: 'id',
      updatedAtColumn: 'updated_at',
      updatedAtFormat: null,
      incremental: true,
      transformation: { mapping: { email: 'email' }, function: null },
      inSchema: definition.inSchema,
      outSchema: definition.outSchema,
      maxRemovedShare: 0.5,
      cursorOverlapSeconds: 60,
      running: false,
      scheduleStart: null,
      schedulePeriod: null,
      nextRun: null,
    });
  });

  it('takes the defaults of what is left out or null', async () => {
    const { body } = await create({
      enabled: null,
      incremental: undefined,
      maxRemovedShare: null,
      cursorOverlapSeconds: undefined,
    });
    expect(await get(body.id)).toMatchObject({
      enabled: false,
      incremental: false,
      maxRemovedShare: null,
      cursorOverlapSeconds: 300,
    });
  });

  it.each([{ updatedAtColumn: null }, { updatedAtColumn: '' }, { updatedAtColumn: undefined, updatedAtFormat: '' }])(
    'without an update time column (%j) is one that cannot run incrementally',
    async (changes) => {
      const { body } = await create({ ...changes, inSchema: input() });
      expect((await get(body.id)).updatedAtColumn).toBeNull();
      await api.call('PUT', `/v1/pipelines/${body.id}/status`, { key, body: { enabled: true } });
      const start = await api.call('POST', `/v1/pipelines/${body.id}/runs`, { key, body: { incremental: true } });
      expect(errorOf(start).code).toBe('IncrementalRequiresUpdateTimeColumn');
    },
  );

  it('draws another id when the one that it drew is taken', async () => {
    const taken = await api.make.workspace();
    const drawn = [taken, taken, 123_456_789];
    const id = await withNewId(
      (candidate) =>
        api.deps.database.prisma.workspace.create({
          data: { id: candidate, name: 'x', warehousePlatform: 'PostgreSQL', warehouseSettings: '', profileSchema: {} },
        }),
      () => drawn.shift() ?? 0,
    );
    expect(id).toBe(123_456_789);
  });
});

describe('a pipeline of a kind that this version does not run', () => {
  it.each(['Event', 'Group'])('such as one with target %s, is refused, and nothing else is said', async (target) => {
    const [detail, ...more] = await violations({ target, query: undefined });
    expect(more).toEqual([]);
    expect(detail).toMatchObject({ path: 'target', message: expect.stringContaining('must be "User"') });
  });
});

describe('the connection of a pipeline', () => {
  it.each([0, -1, 1.5, 2_147_483_648, '5', null, undefined])('must not be %j', async (value) => {
    expect(await paths({ connection: value })).toEqual(['connection']);
  });

  it('must exist, in the workspace', async () => {
    const other = await api.make.connection(await api.make.workspace());
    for (const unknown of [5, other]) {
      expect(errorOf(await create({ connection: unknown }))).toEqual({
        status: 404,
        code: 'NotFound',
        message: 'connection does not exist',
      });
    }
  });
});

describe('what is wrong with a definition', () => {
  it('is reported all together, each with its path', async () => {
    const found = await paths({
      name: '',
      target: 'Users',
      enabled: 'yes',
      query: 'x'.repeat(1001),
      updatedAtFormat: 'ISO8601',
      filter: {},
      format: 'csv',
      maxRemovedShare: 1.5,
      cursorOverlapSeconds: 86_401,
      transformation: { mapping: { email: 'nothing', unknown: 'email' } },
    });
    expect(found).toEqual([
      'target',
      'name',
      'enabled',
      'query',
      'maxRemovedShare',
      'cursorOverlapSeconds',
      'filter',
      'format',
      'updatedAtFormat',
      'transformation.mapping["email"]',
      'transformation.mapping["unknown"]',
    ]);
  });

  it.each([
    ['name', { name: 'x'.repeat(61) }, 'must not be longer than 60 characters'],
    ['name', { name: undefined }, 'is required'],
    ['name', { name: 'a\u0000' }, 'must not contain the NUL character'],
    ['target', { target: undefined }, 'is required'],
    ['target', { target: null }, 'must be one of "User", "Event", "Group"'],
    ['query', { query: undefined }, 'is required'],
    ['query', { query: '' }, 'must not be empty'],
    ['inSchema', { inSchema: undefined, updatedAtColumn: null }, 'is required'],
    ['outSchema', { outSchema: null }, 'must be an object'],
    ['inSchema.kind', { inSchema: { kind: 'string' } }, 'must be "object"'],
    [
      'userIDColumn',
      { userIDColumn: undefined, inSchema: columns(column('email'), column('updated_at', { kind: 'datetime' })) },
      'is required',
    ],
    [
      'userIDColumn',
      { userIDColumn: 'no name', inSchema: columns(column('email'), column('updated_at', { kind: 'datetime' })) },
      'must be the name of a property: letters, digits and "_"',
    ],
    [
      'userIDColumn',
      { userIDColumn: 'unknown', inSchema: columns(column('email'), column('updated_at', { kind: 'datetime' })) },
      'is not in inSchema: there is no property "unknown"',
    ],
    ['incremental', { incremental: true, updatedAtColumn: null, inSchema: input() }, 'needs an updatedAtColumn'],
    ['transformation', { transformation: undefined }, 'is required'],
    ['transformation', { transformation: null }, 'must be an object'],
    ['transformation', { transformation: {} }, 'must have mapping or function'],
    [
      'transformation',
      { transformation: { mapping: { email: 'email' }, function: { language: 'JavaScript' } } },
      'must not have both mapping and function: leave one of them out',
    ],
    ['maxRemovedShare', { maxRemovedShare: -0.1 }, 'must be at least 0'],
    ['cursorOverlapSeconds', { cursorOverlapSeconds: 1.5 }, 'must be an integer'],
  ])('%s: %j', async (path, changes, message) => {
    expect(await violations(changes)).toContainEqual({ path, message });
  });

  it.each([
    'filter',
    'format',
    'path',
    'sheet',
    'compression',
    'formatSettings',
    'orderBy',
    'exportMode',
    'matching',
    'updateOnDuplicates',
    'tableName',
    'tableKey',
    'onLeave',
    'eventType',
    'requiredConsents',
  ])('is that it has %s, which belongs to other kinds', async (member) => {
    const [detail] = await violations({ [member]: 'something' });
    expect(detail).toMatchObject({
      path: member,
      message: expect.stringContaining('is not allowed for a pipeline that imports users from a database'),
    });
    expect((await create({ [member]: null })).status).toBe(200);
  });
});

describe('the columns of a pipeline', () => {
  it.each(['string', 'uuid', 'json'])('may have an identifier of kind %s', async (kind) => {
    const inSchema = columns(column('id', { kind }, {}), column('email'));
    expect((await create({ inSchema, updatedAtColumn: null })).status).toBe(200);
  });

  it.each([{ kind: 'boolean' }, { kind: 'float', bitSize: 64 }, { kind: 'datetime' }])(
    'must not have the identifier %j',
    async (type) => {
      const [detail] = await violations({
        inSchema: columns(column('id', type, {}), column('email')),
        updatedAtColumn: null,
      });
      expect(detail).toMatchObject({
        path: 'userIDColumn',
        message: `must have kind string, int, uuid, json; it has ${type.kind}`,
      });
    },
  );

  it.each([
    [{ kind: 'datetime' }, null, []],
    [{ kind: 'date' }, null, []],
    [{ kind: 'string' }, 'ISO8601', []],
    [{ kind: 'json' }, 'ISO8601', []],
    [{ kind: 'string' }, null, ['updatedAtFormat']],
    [{ kind: 'datetime' }, 'ISO8601', ['updatedAtFormat']],
    [{ kind: 'string' }, 'Excel', ['updatedAtFormat']],
    [{ kind: 'string' }, '%Y-%m-%d', []],
    [{ kind: 'json' }, '%s', []],
    [{ kind: 'datetime' }, '%Y-%m-%d', ['updatedAtFormat']],
    [{ kind: 'string' }, '%Y-%Q', ['updatedAtFormat']],
    [{ kind: 'string' }, '%H:%M', ['updatedAtFormat']],
    [{ kind: 'string' }, 'yyyy-mm-dd', ['updatedAtFormat']],
    [{ kind: 'string' }, `%Y${'-'.repeat(63)}`, ['updatedAtFormat']],
    [{ kind: 'uuid' }, null, ['updatedAtColumn']],
    [{ kind: 'int', bitSize: 32 }, null, ['updatedAtColumn']],
  ])('with an update time of type %j and format %j are wrong at %j', async (type, updatedAtFormat, wrong) => {
    const answer = await create({ inSchema: input(column('updated_at', type)), updatedAtFormat });
    expect((answer.body.error?.details ?? []).map(({ path }: { path: string }) => path)).toEqual(wrong);
  });

  it.each([
    ['Excel', 'can be "Excel" for files only; for a column of a database use "ISO8601" or a strftime pattern'],
    ['%Y %A', expect.stringContaining('has the directive "%A", which is not supported')],
    ['%I:%M %Y', 'has the directive "%I", which needs "%p" to tell morning from afternoon'],
    ['%m/%d', 'has no year: "%Y", "%y" or "%s" is missing'],
    ['iso', 'must be "ISO8601" or a strftime pattern such as "%Y-%m-%d %H:%M:%S"'],
  ])('are told what is wrong with the update time format %s', async (updatedAtFormat, message) => {
    const inSchema = input(column('updated_at', { kind: 'string' }));
    const { body } = await create({ inSchema, updatedAtFormat });
    expect(body.error.details).toEqual([{ path: 'updatedAtFormat', message }]);
  });

  it.each(['prefilled', 'createRequired', 'updateRequired', 'readOptional'])(
    'must not have the flag %s',
    async (flag) => {
      const flags = { [flag]: flag === 'prefilled' ? 'x' : true };
      expect(
        await paths({
          inSchema: columns(column('id', { kind: 'string' }, flags), column('email')),
          updatedAtColumn: null,
        }),
      ).toEqual([`inSchema.properties[0].${flag}`]);
    },
  );

  it('must all be used', async () => {
    expect(
      await violations({
        inSchema: input(column('updated_at', { kind: 'datetime' }), column('idle'), column('unused')),
      }),
    ).toEqual([
      { path: 'inSchema', message: 'property "idle" is not used by anything: leave it out' },
      { path: 'inSchema', message: 'property "unused" is not used by anything: leave it out' },
    ]);
  });
});

describe('what a pipeline writes', () => {
  it('must all be mapped', async () => {
    expect(await violations({ outSchema: output(profile('email'), profile('country')) })).toEqual([
      { path: 'outSchema', message: 'property "country" is not written by the mapping: leave it out' },
    ]);
  });

  it('must be in the profile schema, with the same type', async () => {
    const mapping = { email: 'email', phone: 'email', country: 'email' };
    const outSchema = output(profile('email'), profile('phone'), profile('country', { kind: 'string', maxLength: 2 }));
    expect(await violations({ outSchema, transformation: { mapping } })).toEqual([
      {
        path: 'outSchema',
        message: 'property "phone" is not in the profile schema: GET /v1/profiles/schema shows what is',
      },
      {
        path: 'outSchema',
        message:
          'property "country" has type string, in the profile schema it has string with other parameters: give it that type',
      },
    ]);
  });

  it('must be optional in a profile', async () => {
    expect(await paths({ outSchema: output(column('email', { kind: 'string' }, { nullable: true })) })).toEqual([
      'outSchema.properties[0].nullable',
      'outSchema.properties[0].readOptional',
    ]);
  });
});

describe('a mapping', () => {
  it.each([
    ['is empty', {}, 'transformation.mapping'],
    ['has an unknown input', { email: 'mail' }, 'transformation.mapping["email"]'],
    ['has an unknown output', { mail: 'email' }, 'transformation.mapping["mail"]'],
    ['has a syntax error', { email: 'lower(' }, 'transformation.mapping["email"]'],
  ])('that %s is refused at its place', async (_what, mapping, path) => {
    expect(await paths({ transformation: { mapping } })).toContain(path);
  });

  it('of constants only is refused', async () => {
    const found = await violations({
      transformation: { mapping: { email: '"constant"' } },
      inSchema: columns(column('id', { kind: 'string' }, {})),
      updatedAtColumn: null,
    });
    expect(found).toEqual([{ path: 'transformation.mapping', message: 'must use at least one property of inSchema' }]);
  });

  it('whose expressions are not text is refused at its place', async () => {
    expect(await paths({ transformation: { mapping: { email: 5 } } })).toContain('transformation.mapping["email"]');
  });
});
