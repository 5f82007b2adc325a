import { randomBytes } from 'node:crypto';
import { type RejectContent, sealReject } from '@penstock/shared/repositories';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let key: string;
let run: number;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

beforeEach(async () => {
  ({ workspace, key } = await api.tenant());
  const [id = 0] = await api.make.endedRuns(workspace, await api.make.pipeline(workspace), 1);
  run = id;
  await api.control.query(`UPDATE runs SET counts_epoch = 1, failed = '{0,7,40,0,3,0}' WHERE id = $1`, [run]);
});

interface Kept {
  readonly position: number;
  readonly step?: string;
  readonly epoch?: number;
  readonly content?: Partial<RejectContent>;
}

/** Keeps a reject as a worker does. */
async function keep({ position, step = 'InputValidation', epoch = 1, content }: Kept): Promise<void> {
  const record = `{"id":"u${position}"}`;
  const sealed = sealReject(api.deps.secrets, {
    ...{ key: `u${position}`, message: 'property "age" is not an integer', record, cut: false },
    ...content,
  });
  await api.control.query(
    `INSERT INTO run_rejects (run_id, epoch, position, step, code, content, created_at)
     VALUES ($1, $2, $3, $4, 'NotInteger', $5, '2026-05-01T06:30:00Z')`,
    [run, epoch, position, step, sealed],
  );
}

const get = (query = '') => api.call('GET', `/v1/runs/${run}/rejects${query}`, { key });
const lines = (query = '', accept = 'application/x-ndjson') =>
  api.call('GET', `/v1/runs/${run}/rejects${query}`, { key, headers: { Accept: accept } });
const positionsOf = ({ rejects }: { rejects: { position: number }[] }) => rejects.map(({ position }) => position);

describe('the rejects of a run', () => {
  it('are told in the order in which the records failed, with the record and the reason', async () => {
    await keep({ position: 2, step: 'OutputValidation', content: { key: null, record: null } });
    await keep({ position: 1, content: { record: '{"id":"u1","tags":["a",null],"at":{"x":1.50}}' } });
    expect((await get()).body).toEqual({
      rejects: [
        {
          position: 1,
          step: 'InputValidation',
          code: 'NotInteger',
          message: 'property "age" is not an integer',
          key: 'u1',
          record: { id: 'u1', tags: ['a', null], at: { x: 1.5 } },
          at: '2026-05-01T06:30:00.000Z',
        },
        expect.objectContaining({ position: 2, step: 'OutputValidation', key: null, record: null }),
      ],
      nextCursor: null,
      failed: 10,
      kept: 2,
    });
  });

  it('have numbers as they were, also those that JavaScript cannot hold', async () => {
    await keep({ position: 1, content: { record: '{"id":18446744073709551615,"value":0.10}' } });
    expect((await get()).text).toContain('"record":{"id":18446744073709551615,"value":0.10}');
    expect((await lines()).text).toContain('"record":{"id":18446744073709551615,"value":0.10}');
  });

  it('say which record is not whole', async () => {
    await keep({ position: 1, content: { cut: true } });
    expect((await get()).body.rejects).toMatchObject([{ record: { id: 'u1' }, recordCut: true }]);
  });

  it('are none of a run without them', async () => {
    expect((await get()).body).toEqual({ rejects: [], nextCursor: null, failed: 10, kept: 0 });
    expect(await lines()).toMatchObject({ status: 200, text: '' });
  });

  it('are those of the attempt that the counts come from', async () => {
    await keep({ position: 1, epoch: 1 });
    await keep({ position: 2, epoch: 2 });
    expect(positionsOf((await get()).body)).toEqual([1]);
    expect((await get()).body.kept).toBe(1);
    expect((await lines()).text.match(/"position":\d/g)).toEqual(['"position":1']);
  });

  it('come in pages that together are the whole; a full last page is the last', async () => {
    for (let position = 1; position <= 6; position += 1) await keep({ position });
    const pages: number[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await get(`?limit=3${cursor && `&cursor=${cursor}`}`);
      pages.push(positionsOf(body));
      cursor = body.nextCursor;
    }
    expect(pages).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('can be those of one step, counted as such', async () => {
    for (let position = 1; position <= 4; position += 1) {
      await keep({ position, step: position % 2 === 0 ? 'OutputValidation' : 'InputValidation' });
    }
    const { body } = await get('?step=OutputValidation&limit=1');
    expect(body).toMatchObject({ rejects: [{ position: 2 }], nextCursor: '2', failed: 3, kept: 2 });
    expect((await get('?step=OutputValidation&limit=1&cursor=2')).body).toMatchObject({
      rejects: [{ position: 4 }],
      nextCursor: null,
    });
    expect((await get('?step=Filter')).body).toMatchObject({ failed: 40, kept: 0 });
    expect((await lines('?step=OutputValidation')).text.match(/"position":\d/g)).toEqual([
      '"position":2',
      '"position":4',
    ]);
  });

  it('are never more than failed, also before the counts of a live run have arrived', async () => {
    await api.control.query(`UPDATE runs SET failed = '{0,0,0,0,0,0}' WHERE id = $1`, [run]);
    await keep({ position: 1 });
    expect((await get()).body).toMatchObject({ failed: 1, kept: 1 });
  });

  it('are read without their content when the key is gone under which they were encrypted', async () => {
    await keep({ position: 1 });
    const stranger = await TestApi.start({
      beside: api,
      env: { PENSTOCK_MASTER_KEY: `other:${randomBytes(32).toString('base64')}` },
    });
    const answer = await stranger.call('GET', `/v1/runs/${run}/rejects`, { key });
    expect(answer.body.rejects).toMatchObject([
      { position: 1, step: 'InputValidation', code: 'NotInteger', key: null, record: null, unreadable: true },
    ]);
    await stranger.close();
  });

  it.each(['limit=0', 'limit=1001', 'cursor=0', 'cursor=x', 'step=Load'])('are refused with %s', async (query) => {
    const answer = await get(`?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details[0].path).toBe(query.split('=')[0]);
  });

  it('of an unknown run, and of a run of another workspace, are not found', async () => {
    await keep({ position: 1 });
    const unknown = { status: 404, code: 'NotFound', message: 'pipeline run does not exist' };
    expect(errorOf(await api.call('GET', `/v1/runs/${run + 1}/rejects`, { key }))).toEqual(unknown);
    const { key: other } = await api.tenant();
    const path = `/v1/runs/${run}/rejects`;
    expect(errorOf(await api.call('GET', path, { key: other }))).toEqual(unknown);
    const headers = { Accept: 'application/x-ndjson' };
    expect(errorOf(await api.call('GET', path, { key: other, headers }))).toEqual(unknown);
  });
});

describe('the rejects of a run as lines', () => {
  it('are all of them in a file, one on each line', async () => {
    await api.control.query(
      `INSERT INTO run_rejects (run_id, epoch, position, step, code, content)
       SELECT $1, 1, i, 'InputValidation', 'NotInteger', $2 FROM generate_series(1, 250) AS i`,
      [run, sealReject(api.deps.secrets, { key: 'u', message: 'line\nbreak', record: '{"a":"\\n"}', cut: false })],
    );
    const answer = await lines('?limit=2');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="run-${run}-rejects.ndjson"`);
    const rows = answer.text.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).position)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  });

  it.each([
    ['application/x-ndjson', true],
    ['application/x-ndjson, application/json;q=0.5', true],
    ['application/json, application/x-ndjson', false],
    ['*/*', false],
    ['text/html', false],
  ])('are the answer to Accept: %s: %s', async (accept, wanted) => {
    await keep({ position: 1 });
    const { headers } = await lines('', accept);
    expect(headers.get('content-type')?.startsWith('application/x-ndjson')).toBe(wanted);
    expect(headers.get('vary')).toContain('Accept');
    if (!wanted) expect(headers.get('content-disposition')).toBeNull();
  });

  it('are documented', async () => {
    const { body } = await api.call('GET', '/openapi.json');
    const { content } = body.paths['/v1/runs/{id}/rejects'].get.responses['200'];
    expect(Object.keys(content)).toEqual(['application/json', 'application/x-ndjson']);
    expect(content['application/x-ndjson'].schema.$ref).toBe('#/components/schemas/RunReject');
  });
});
