import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiProcess } from './support/api-process.js';
import { type Answer, send } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let processes: ApiProcess[];

beforeAll(async () => {
  api = await TestApi.start();
  processes = await Promise.all([ApiProcess.start(api.env), ApiProcess.start(api.env)]);
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await api.close();
});

async function startAtOnce(
  urls: readonly string[],
): Promise<{ started: Answer[]; refused: Answer[]; pipeline: number }> {
  const { workspace, key } = await api.tenant();
  const pipeline = await api.make.pipeline(workspace);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      send(`${urls[index % urls.length]}/v1/pipelines/${pipeline}/runs`, 'POST', { key, body: {} }),
    ),
  );
  return {
    pipeline,
    started: answers.filter(({ status }) => status === 200),
    refused: answers.filter(({ status }) => status === 422),
  };
}

describe('50 simultaneous starts of a pipeline', () => {
  it.each([
    ['one api', 1],
    ['two api processes', 2],
  ])('at %s start exactly one run and tell the others its id', async (_where, count) => {
    const urls = count === 1 ? [api.url] : processes.map(({ url }) => url);
    const { started, refused, pipeline } = await startAtOnce(urls);
    expect({ started: started.length, refused: refused.length }).toEqual({ started: 1, refused: 49 });
    const id = started[0]?.body.id;
    for (const { body } of refused) {
      expect(body.error).toMatchObject({
        code: 'PipelineInProgress',
        message: 'pipeline is already in progress',
        details: { run: id },
      });
    }
    expect(await api.control.query('SELECT FROM runs WHERE pipeline_id = $1', [pipeline])).toHaveLength(1);
  });
});

describe('an api process', () => {
  it('knows at once what another one was told', async () => {
    const { workspace, key } = await api.tenant();
    const pipeline = await api.make.pipeline(workspace);
    const [first, second] = processes.map(({ url }) => `${url}/v1/pipelines/${pipeline}`);
    await send(`${first}/status`, 'PUT', { key, body: { enabled: false } });
    expect((await send(`${second}/runs`, 'POST', { key, body: {} })).body.error.code).toBe('PipelineDisabled');
  });
});
