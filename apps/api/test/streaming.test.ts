import { runList } from '@penstock/shared/contracts';
import { eventually } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiProcess } from './support/api-process.js';
import { TestApi } from './support/test-api.js';

const RUNS = 100_000;

let api: TestApi;
let key: string;
let ids: number[];

beforeAll(async () => {
  api = await TestApi.start();
  const tenant = await api.tenant();
  key = tenant.key;
  ids = await api.make.endedRuns(tenant.workspace, await api.make.pipeline(tenant.workspace), RUNS);
}, 120_000);
afterAll(() => api.close());

const open = (url = api.url) => fetch(`${url}/v1/pipelines/runs`, { headers: { Authorization: `Bearer ${key}` } });

describe(`a list of ${RUNS} runs`, () => {
  it('is valid JSON with all of them, newest first', async () => {
    const { runs } = runList.parse(await open().then((response) => response.json()));
    expect(runs.map(({ id }) => id)).toEqual(ids.toReversed());
  });

  it('is answered by a process whose memory could never hold them', async () => {
    // The same list held in an array takes more than this, and then the process dies.
    const small = await ApiProcess.start({ ...api.env, NODE_OPTIONS: '--max-old-space-size=80' });
    let length = 0;
    for await (const chunk of (await open(small.url)).body ?? []) length += chunk.length;
    expect(length).toBeGreaterThan(15_000_000);
    expect(small.exited).toBe(false);
    await small.kill();
  });

  it('waits for clients that read slowly, without a connection: others are answered', async () => {
    const narrow = await TestApi.start({ beside: api, env: { DATABASE_POOL_SIZE: '2' } });
    const { pool } = narrow.deps.database;
    const readers = await Promise.all(
      Array.from({ length: 4 }, async () => (await open(narrow.url)).body?.getReader()),
    );
    await Promise.all(readers.map((reader) => reader?.read()));
    await eventually('nobody holds a connection', () => pool.idleCount === pool.totalCount && pool.waitingCount === 0);
    expect((await narrow.call('GET', '/v1/pipelines', { key })).status).toBe(200);
    await Promise.all(readers.map((reader) => reader?.cancel()));
    await narrow.close();
  });

  it('that breaks off on our side is not taken for a whole one', async () => {
    const reader = (await open()).body?.getReader();
    await reader?.read();
    await api.control.query('ALTER TABLE runs RENAME TO runs_gone');
    const readToTheEnd = async (): Promise<void> => {
      while (!(await reader?.read())?.done);
    };
    await expect(readToTheEnd()).rejects.toThrow();
    await api.control.query('ALTER TABLE runs_gone RENAME TO runs');
    expect(api.log.text()).toContain('request failed');
    expect((await open()).status).toBe(200);
  });
});
