import { API_DEFINITION } from '@penstock/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let key: string;
let pipeline: number;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
  pipeline = await api.make.pipeline(workspace);
  await api.control.query(`UPDATE pipelines SET cursor = '2026-01-01 00:00:00' WHERE id = $1`, [pipeline]);
});

const get = async (id = pipeline) => (await api.call('GET', `/v1/pipelines/${id}`, { key })).body;
const replace = (body: unknown, id: number | string = pipeline) =>
  api.call('PUT', `/v1/pipelines/${id}`, { key, body });
const change = async (changes: object) => replace({ ...(await get()), ...changes });
const stored = async () => {
  const [row] = await api.control.query<{ version: number; cursor: string | null; hasUpdateTime: boolean }>(
    'SELECT version, cursor, has_update_time AS "hasUpdateTime" FROM pipelines WHERE id = $1',
    [pipeline],
  );
  const versions = await api.control.query('SELECT version FROM pipeline_versions WHERE pipeline_id = $1', [pipeline]);
  return { ...row, versions: versions.length };
};

const UNCHANGED = { version: 1, cursor: '2026-01-01 00:00:00', hasUpdateTime: true, versions: 1 };
const inSchema = (type: object) => ({
  kind: 'object',
  properties: [
    { name: 'id', type: { kind: 'string' }, description: '' },
    { name: 'email', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'updated_at', type, nullable: true, description: '' },
  ],
});

describe('replacing a pipeline', () => {
  it('by what GET answers changes nothing', async () => {
    const before = await get();
    expect((await replace(before)).status).toBe(204);
    expect(await get()).toEqual(before);
    expect(await stored()).toEqual(UNCHANGED);
  });

  it('by the same, written otherwise, changes nothing', async () => {
    const { inSchema: schema, ...rest } = await get();
    const reordered = Object.fromEntries(Object.entries(rest).reverse());
    const respelled = JSON.parse(JSON.stringify(schema).replaceAll('"kind":"string"', '"kind":"string"'));
    await replace({
      ...reordered,
      inSchema: { properties: respelled.properties, kind: 'object' },
      updatedAtFormat: '',
    });
    expect(await stored()).toEqual(UNCHANGED);
  });

  it.each([
    ['name', { name: 'Renamed' }],
    ['share that may be removed', { maxRemovedShare: 0.9 }],
    ['overlap', { cursorOverlapSeconds: 0 }],
    ['default of incremental', { incremental: true }],
  ])('by another %s makes no version and keeps the cursor', async (_what, changes) => {
    expect((await change(changes)).status).toBe(204);
    expect(await get()).toMatchObject(changes);
    expect(await stored()).toEqual(UNCHANGED);
  });

  it.each([
    ['query', { query: 'SELECT * FROM people' }],
    [
      'update time column',
      { updatedAtColumn: null, inSchema: { ...inSchema({}), properties: inSchema({}).properties.slice(0, 2) } },
    ],
    ['input schema', { inSchema: inSchema({ kind: 'date' }) }],
    ['format', { inSchema: inSchema({ kind: 'string' }), updatedAtFormat: 'ISO8601' }],
    ['mapping', { transformation: { mapping: { email: 'email "!"' } } }],
    [
      'identifier',
      {
        userIDColumn: 'email',
        inSchema: { kind: 'object', properties: inSchema({ kind: 'datetime' }).properties.slice(1) },
      },
    ],
  ])('by another %s makes a version and clears the cursor', async (_what, changes) => {
    expect((await change(changes)).status).toBe(204);
    expect(await stored()).toMatchObject({ version: 2, cursor: null, versions: 2 });
    const { transformation, ...others } = changes as { transformation?: object };
    expect(await get()).toMatchObject(others);
    if (transformation) expect((await get()).transformation).toEqual({ ...transformation, function: null });
  });

  it('by one without an update time column makes it one that cannot run incrementally', async () => {
    await change({
      updatedAtColumn: null,
      inSchema: { kind: 'object', properties: inSchema({}).properties.slice(0, 2) },
    });
    expect((await stored()).hasUpdateTime).toBe(false);
  });

  it('leaves a live run with the version that it started with', async () => {
    const { body } = await api.call('POST', `/v1/pipelines/${pipeline}/runs`, { key });
    await change({ query: 'SELECT * FROM people' });
    const [row] = await api.control.query<{ version: number }>('SELECT version FROM runs WHERE id = $1', [body.id]);
    expect(row?.version).toBe(1);
    expect((await get()).running).toBe(true);
  });

  it('takes the defaults of what is left out, and keeps the schedule', async () => {
    await change({ maxRemovedShare: 0.5, cursorOverlapSeconds: 5 });
    await api.call('PUT', `/v1/pipelines/${pipeline}/schedule`, { key, body: { period: '1h' } });
    const { kind: _, ...definition } = API_DEFINITION;
    expect((await replace({ name: 'Short', ...definition })).status).toBe(204);
    expect(await get()).toMatchObject({
      ...{ name: 'Short', enabled: false, incremental: false, maxRemovedShare: null, cursorOverlapSeconds: 300 },
      ...{ schedulePeriod: '1h', nextRun: null },
    });
  });

  it('that enables or disables it does so for the schedule as well', async () => {
    await api.call('PUT', `/v1/pipelines/${pipeline}/schedule`, { key, body: { period: '1h' } });
    const versionOf = async () =>
      (
        await api.control.query<{ v: number }>('SELECT schedule_version AS v FROM pipelines WHERE id = $1', [pipeline])
      )[0]?.v ?? 0;
    const before = await versionOf();
    await change({ enabled: false });
    expect(await versionOf()).toBe(before + 1);
    expect((await api.deps.queues.ticks.getJobSchedulers()).map(({ key: id }) => id)).not.toContain(
      `pipeline-${pipeline}`,
    );
    await change({ enabled: true });
    expect((await api.deps.queues.ticks.getJobSchedulers()).map(({ key: id }) => id)).toContain(`pipeline-${pipeline}`);
  });

  it('cannot give it another connection or target', async () => {
    const other = await api.make.connection(workspace);
    const { body } = await change({ connection: other, target: 'Event' });
    expect(body.error.details).toEqual([
      { path: 'connection', message: 'cannot be changed' },
      { path: 'target', message: 'cannot be changed' },
    ]);
  });

  it('is refused with all that is wrong, and changes nothing then', async () => {
    const before = await get();
    const { body } = await change({ name: '', query: '', transformation: null });
    expect(body.error.details.map(({ path }: { path: string }) => path)).toEqual(['name', 'query', 'transformation']);
    expect(await get()).toEqual(before);
  });

  it('that is unknown, or belongs to another, is not found', async () => {
    const other = await api.make.pipeline(await api.make.workspace());
    const body = await get();
    for (const id of [5, other]) {
      expect(errorOf(await replace({ ...body, connection: undefined }, id))).toEqual({
        status: 404,
        code: 'NotFound',
        message: 'pipeline does not exist',
      });
    }
    expect(errorOf(await replace(body, '01')).status).toBe(400);
  });

  it('at the same time twice makes versions one after the other', async () => {
    const body = await get();
    const queries = ['SELECT 1', 'SELECT 2', 'SELECT 3', 'SELECT 4'];
    const answers = await Promise.all(queries.map((query) => replace({ ...body, query })));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    expect(await stored()).toMatchObject({ version: 5, versions: 5 });
  });
});

describe('the list of pipelines', () => {
  const list = async (query = '') => (await api.call('GET', `/v1/pipelines${query}`, { key })).body;
  const idsOf = ({ pipelines }: { pipelines: { id: number }[] }) => pipelines.map(({ id }) => id);

  it('has those of the workspace, by id, as GET shows them', async () => {
    const second = await api.make.pipeline(workspace);
    await api.make.pipeline(await api.make.workspace());
    const answer = await list();
    expect(idsOf(answer)).toEqual([pipeline, second].sort((a, b) => a - b));
    expect(answer.pipelines).toContainEqual(await get());
    expect(answer.nextCursor).toBeNull();
  });

  it('can be filtered', async () => {
    const disabled = await api.make.pipeline(workspace, { enabled: false });
    const { connection } = await get(disabled);
    expect(idsOf(await list('?enabled=false'))).toEqual([disabled]);
    expect(idsOf(await list('?enabled=true'))).toEqual([pipeline]);
    expect(idsOf(await list(`?connection=${connection}`))).toEqual([disabled]);
    expect(idsOf(await list('?target=Event'))).toEqual([]);
    expect(idsOf(await list('?target=User'))).toHaveLength(2);
  });

  it('comes in pages that together are the whole', async () => {
    const all = [pipeline];
    for (let more = 0; more < 4; more++) all.push(await api.make.pipeline(workspace));
    const found: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      found.push(...idsOf(page));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(all.sort((a, b) => a - b));
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=ten',
    'enabled=1',
    'connection=x',
    'target=user',
    'cursor=x',
    'limit=1&limit=2',
  ])('is refused with %s', async (query) => {
    const answer = await api.call('GET', `/v1/pipelines?${query}`, { key });
    expect(answer.status).toBe(400);
    expect(answer.body.error.details[0].path).toBe(query.split('=')[0]);
  });
});
