import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { condition, createKindsTenant, KINDS, type Kind, PROFILE, schema } from './support/pipeline-kinds.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let tenant: Awaited<ReturnType<typeof createKindsTenant>>;

beforeAll(async () => {
  api = await TestApi.start({ env: { FILESYSTEM_ROOT: '/srv/files' } });
  tenant = await createKindsTenant(api);
});
afterAll(() => api.close());

const ALL = Object.keys(KINDS) as Kind[];
const EXPORTS = ALL.filter((kind) => kind.startsWith('export-'));

const create = (kind: Kind, changes: object = {}) =>
  api.call('POST', '/v1/pipelines', { key: tenant.key, body: tenant.bodyOf(kind, changes) });
const get = async (id: number) => (await api.call('GET', `/v1/pipelines/${id}`, { key: tenant.key })).body;
const put = (id: number, body: unknown) => api.call('PUT', `/v1/pipelines/${id}`, { key: tenant.key, body });
const versionsOf = async (id: number) =>
  (await api.control.query('SELECT version FROM pipeline_versions WHERE pipeline_id = $1', [id])).length;
const created = async (kind: Kind, changes: object = {}): Promise<number> => {
  const answer = await create(kind, changes);
  expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 200, error: undefined });
  return answer.body.id;
};

describe.each(ALL)('a pipeline %s', (kind) => {
  const { connector, connectorType, role, definition } = KINDS[kind];

  it('is shown with all that defines it, and nothing of other kinds', async () => {
    const id = await created(kind);
    const { connection, ...shown } = await get(id);
    expect(connection).toEqual(tenant.bodyOf(kind).connection);
    expect(shown).toMatchObject(definition);
    expect(shown).toEqual({
      ...{ id, name: 'Users', connector, connectorType, connectionRole: role, target: 'User', enabled: true },
      ...definition,
      ...('formatSettings' in definition && { formatSettings: shown.formatSettings }),
      ...{ running: false, scheduleStart: null, schedulePeriod: null, nextRun: null },
    });
  });

  it('can be put back as it is shown, which is no new version', async () => {
    const id = await created(kind);
    const before = await get(id);
    expect((await put(id, before)).status).toBe(204);
    expect(await get(id)).toEqual(before);
    expect(await versionsOf(id)).toBe(1);
  });

  it('gets a new version by another definition', async () => {
    const id = await created(kind);
    const changes = kind === 'import-from-database' ? { query: 'SELECT 1' } : { filter: null };
    const body = tenant.bodyOf(kind, { ...changes, ...withoutFilter(kind) });
    expect((await put(id, body)).body?.error).toBeUndefined();
    expect(await versionsOf(id)).toBe(2);
  });

  it('is listed', async () => {
    const id = await created(kind);
    const query = `connection=${tenant.bodyOf(kind).connection}`;
    const { body } = await api.call('GET', `/v1/pipelines?${query}`, { key: tenant.key });
    expect(body.pipelines.map((pipeline: { id: number }) => pipeline.id)).toContain(id);
  });

  it.each(['Event', 'Group'])('has no target %s', async (target) => {
    const answer = await create(kind, { target });
    expect(answer.body.error.details).toEqual([
      { path: 'target', message: expect.stringMatching(/^must be "User": this version has pipelines/) },
    ]);
  });
});

/** What must go with the filter, because nothing else uses it. */
function withoutFilter(kind: Kind): object {
  if (kind === 'export-to-database') return { inSchema: schema(PROFILE.email, PROFILE.age) };
  return kind === 'export-to-application' ? { inSchema: schema(PROFILE.email, PROFILE.country) } : {};
}

describe('an export', () => {
  it.each(['export-to-database', 'export-to-application'] as const)(
    'keeps what has left unless it is told otherwise: %s',
    async (kind) => {
      for (const onLeave of [undefined, null]) {
        expect(await get(await created(kind, { onLeave }))).toMatchObject({ onLeave: 'keep' });
      }
    },
  );

  it('to a file has the settings of writing, with their defaults', async () => {
    const { formatSettings } = await get(await created('export-to-file', { formatSettings: null }));
    expect(formatSettings).toMatchObject({ separator: ',', useCRLF: false });
  });

  it('to an application updates one user unless it is told otherwise', async () => {
    const id = await created('export-to-application', { updateOnDuplicates: undefined });
    expect(await get(id)).toMatchObject({ updateOnDuplicates: false });
  });

  it.each(EXPORTS)('is of the kind that its members tell, should its connection not be known: %s', async (kind) => {
    const { body } = await create(kind, { connection: 'x' });
    expect(body.error.details).toEqual([{ path: 'connection', message: 'must be a number' }]);
  });

  it.each(EXPORTS)('leaves a purge of what the warehouse remembers of it when it is deleted: %s', async (kind) => {
    const id = await created(kind);
    expect((await api.call('DELETE', `/v1/pipelines/${id}`, { key: tenant.key })).status).toBe(204);
    expect(await api.control.query('SELECT pipeline_id FROM pending_purges WHERE pipeline_id = $1', [id])).toEqual([
      { pipeline_id: id },
    ]);
  });
});

describe('a function of an export', () => {
  const ofFunction = (source: string) => ({
    transformation: {
      function: { language: 'JavaScript', source, inPaths: ['email', 'age'], outPaths: ['id', 'years'] },
    },
    filter: null,
    inSchema: schema(PROFILE.email, PROFILE.age),
  });

  it('is tried, and is stored when it runs', async () => {
    const source = 'const transform = ({ email, age }) => ({ id: email, years: age });';
    const id = await created('export-to-database', ofFunction(source));
    expect((await get(id)).transformation.function).toMatchObject({ source });
  });

  it('is refused when it does not', async () => {
    const answer = await create('export-to-database', ofFunction('const transform = ('));
    expect(answer.body.error.details).toEqual([
      { path: 'transformation.function.source', message: expect.stringContaining('SyntaxError') },
    ]);
  });
});

it('a format that does not exist is named when nothing else is wrong', async () => {
  expect(errorOf(await create('export-to-file', { format: 'dbase' }))).toMatchObject({
    status: 422,
    code: 'FormatNotExist',
  });
});

it('a pipeline that imports users from an application is always able to run incrementally', async () => {
  const id = await created('import-from-application', { incremental: false, filter: condition('email', 'is null') });
  const start = await api.call('POST', `/v1/pipelines/${id}/runs`, { key: tenant.key, body: { incremental: true } });
  expect(start.status).toBe(200);
});
