import { API_PROFILE_SCHEMA } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Call } from './support/client.js';
import { TestApi } from './support/test-api.js';

/** Stands for every secret that a client sends. */
const SECRET = 'hunter2-never-to-be-seen';

let api: TestApi;
let admin: string;
let workspace: number;
let key: string;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.make.key(null);
  ({ workspace, key } = await api.tenant());
});
afterAll(() => api.close());

const settings = { host: '127.0.0.1', port: 1, username: 'u', password: SECRET, database: 'd' };

/** Requests with secrets in them, right and wrong in many ways. */
async function everything(): Promise<Answer[]> {
  const answers: Answer[] = [];
  const ask = async (method: string, path: string, call: Call): Promise<Answer> => {
    const answer = await api.call(method, path, call);
    answers.push(answer);
    return answer;
  };
  const connection = { name: 'c', role: 'Source', connector: 'postgresql', settings };
  const created = await ask('POST', '/v1/connections', { key, body: connection });
  const path = `/v1/connections/${created.body.id}`;
  await ask('POST', '/v1/connections', {
    key,
    body: { ...connection, settings: { ...settings, port: SECRET, extra: SECRET } },
  });
  await ask('POST', '/v1/connections', { key, body: { ...connection, settings: SECRET } });
  await ask('POST', '/v1/connections', { key, raw: `{"password":"${SECRET}"` });
  await ask('POST', '/v1/connections', { key, raw: `{"password":"${SECRET}","password":"${SECRET}"}` });
  await ask('PUT', path, { key, body: { name: 'c', settings } });
  await ask('GET', path, { key });
  await ask('GET', '/v1/connections', { key });
  await ask('POST', '/v1/connections/test', { key, body: { connection: created.body.id } });
  await ask('POST', '/v1/connections/test', { key, body: { connector: 'postgresql', settings } });
  await ask('POST', `${path}/query`, { key, body: { query: 'SELECT 1', limit: 1 } });
  const warehouse = { platform: 'PostgreSQL', settings };
  await ask('POST', '/v1/workspaces', {
    key: admin,
    body: { name: 'w', profileSchema: API_PROFILE_SCHEMA, warehouse },
  });
  await ask('POST', '/v1/warehouse/test', { key: admin, body: warehouse });
  await ask('POST', '/v1/warehouse/test', {
    key: admin,
    body: { ...warehouse, settings: { ...settings, port: SECRET } },
  });
  await ask('GET', '/v1/warehouse', { key });
  return answers;
}

describe('a secret', () => {
  it('that a client sends is in no answer, no log and no row in the clear', async () => {
    const answers = await everything();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 204, 400, 422, 503]));
    for (const answer of answers) expect(answer.text).not.toContain(SECRET);
    expect(api.log.text()).not.toContain(SECRET);
    const rows = await api.control.query(
      'SELECT c, w, i FROM connections c, workspaces w LEFT JOIN idempotency_keys i ON true',
    );
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });

  it('that unlocks everything, the key of a request, is in no answer and no log', async () => {
    const before = api.log.text().length;
    const answers = [
      await api.call('GET', '/v1/pipelines', { key }),
      await api.call('GET', '/v1/pipelines', { key: admin, workspace }),
      await api.call('GET', '/v1/workspaces', { key }),
      await api.call('GET', '/v1/pipelines', { key: `${key}x` }),
      await api.call('GET', '/v1/pipelines/x', { key }),
      await api.call('GET', '/queues/', { key }),
    ];
    expect(api.log.text().length).toBeGreaterThan(before);
    const seen = api.log.text() + answers.map(({ text }) => text).join();
    // The hint is meant to be seen; what follows it is not.
    for (const secret of [key, admin]) expect(seen).not.toContain(secret.slice(4, 24));
  });

  it('is not in the log when a request fails unexpectedly', async () => {
    const broken = await TestApi.start();
    const tenant = await broken.tenant();
    await broken.control.query('ALTER TABLE connections DROP COLUMN settings');
    const body = { name: 'c', role: 'Source', connector: 'postgresql', settings };
    const answer = await broken.call('POST', '/v1/connections', { key: tenant.key, body });
    expect(answer.status).toBe(500);
    expect(broken.log.text()).toContain('request failed');
    expect(broken.log.text() + answer.text).not.toContain(SECRET);
    expect(broken.log.text()).not.toContain(tenant.key);
    await broken.close();
  });

  it('of an installation without the right master key is unreadable, and said to be', async () => {
    const connection = await api.make.connection(workspace);
    const stranger = await TestApi.start({
      beside: api,
      env: { PENSTOCK_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
    });
    const answer = await stranger.call('POST', `/v1/connections/${connection}/query`, {
      key,
      body: { query: 'SELECT 1' },
    });
    expect(answer.body.error).toMatchObject({ code: 'SettingsUnreadable' });
    const { connections } = (await stranger.call('GET', '/v1/connections', { key })).body;
    expect(connections.find(({ id }: { id: number }) => id === connection).settings).toBeNull();
    expect((await stranger.call('GET', '/v1/warehouse', { key })).body.settings).toBeNull();
    await stranger.close();
  });
});
