import { afterAll, beforeAll, expect, it } from 'vitest';
import { testedBlock } from '../../../test/docs/support/documents.js';
import { createKindsTenant, type Kind } from './support/pipeline-kinds.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let tenant: Awaited<ReturnType<typeof createKindsTenant>>;

beforeAll(async () => {
  api = await TestApi.start();
  tenant = await createKindsTenant(api);
});
afterAll(() => api.close());

it.each<[string, Kind]>([
  ['table', 'export-to-database'],
  ['file', 'export-to-file'],
  ['application', 'export-to-application'],
])('the documented export to a %s is accepted, and shown as it is documented', async (name, kind) => {
  const { connection } = tenant.bodyOf(kind);
  const documented = { ...JSON.parse(testedBlock('docs/destinations.md', name)), connection };
  const { key } = tenant;
  const { status, body } = await api.call('POST', '/v1/pipelines', { key, body: documented });
  expect({ status, details: body.error?.details }).toEqual({ status: 200, details: undefined });
  expect((await api.call('GET', `/v1/pipelines/${body.id}`, { key })).body).toMatchObject(documented);
});
