import { generateApiKey } from '@penstock/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../src/routes/index.js';
import { errorOf } from './support/client.js';
import { sendBytes } from './support/send-bytes.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let workspace: number;
let bound: string;
let admin: string;

beforeAll(async () => {
  api = await TestApi.start();
  ({ workspace, key: bound } = await api.tenant());
  admin = await api.make.key(null);
});
afterAll(() => api.close());

const withHeader = (Authorization: string) => api.call('GET', '/v1/pipelines', { headers: { Authorization } });
const unauthorized = { status: 401, code: 'Unauthorized', message: 'API key is missing, malformed or does not exist' };

/** A key with another last character: the checksum does not fit. */
const mistyped = (key: string): string => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

describe('a key', () => {
  it('that is missing is 401, with the scheme to use', async () => {
    const answer = await api.call('GET', '/v1/pipelines');
    expect(errorOf(answer)).toEqual(unauthorized);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([
    'Bearer',
    'Bearer x',
    'Bearer api_',
    'Bearer api_short',
    'Bearer mcp_abc',
    'Basic dXNlcjpwYXNz',
    'api_x',
    '',
  ])('in the header %j is 401', async (header) => {
    expect(errorOf(await withHeader(header))).toEqual(unauthorized);
  });

  it('with a typing error, unknown, or followed by something is 401', async () => {
    expect(errorOf(await withHeader(`Bearer ${mistyped(bound)}`))).toEqual(unauthorized);
    expect(errorOf(await withHeader(`Bearer ${generateApiKey()}`))).toEqual(unauthorized);
    expect(errorOf(await withHeader(`Bearer ${bound} x`))).toEqual(unauthorized);
    expect(errorOf(await withHeader(bound))).toEqual(unauthorized);
  });

  it.each(['bearer ', 'BEARER  ', 'Bearer \t '])('may follow the scheme written %j', async (scheme) => {
    expect((await withHeader(`${scheme}${bound}`)).status).toBe(200);
  });

  it('that was deleted is 401 from then on', async () => {
    const key = await api.make.key(workspace);
    expect((await withHeader(`Bearer ${key}`)).status).toBe(200);
    const { body } = await api.call('GET', '/v1/keys', { key: admin });
    const { id } = body.keys.at(-1);
    expect((await api.call('DELETE', `/v1/keys/${id}`, { key: admin })).status).toBe(204);
    expect(errorOf(await withHeader(`Bearer ${key}`))).toEqual(unauthorized);
  });

  it('is asked for before the body is looked at', async () => {
    const answer = await api.call('POST', '/v1/pipelines', { raw: '{', headers: { 'Content-Type': 'text/plain' } });
    expect(errorOf(answer)).toEqual(unauthorized);
  });

  it('given twice is 400, also when both are the same', async () => {
    const header = `Authorization: Bearer ${bound}\r\n`;
    const request = `GET /v1/pipelines HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
    expect(await sendBytes(api.server.port, `${request}${header}\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    const twice = await sendBytes(
      api.server.port,
      `${request}${header}${header.toLowerCase().replace(bound.toLowerCase(), bound)}\r\n`,
    );
    expect(twice).toMatch(/^HTTP\/1.1 400 .*header Authorization is given twice/s);
  });
});

describe('a key of a workspace', () => {
  it('works on that workspace', async () => {
    expect((await api.call('GET', '/v1/pipelines', { key: bound })).status).toBe(200);
  });

  it('must not select a workspace, not even its own', async () => {
    const answer = await api.call('GET', '/v1/pipelines', { key: bound, workspace });
    expect(errorOf(answer)).toEqual({
      status: 400,
      code: 'BadRequest',
      message: 'header X-Workspace is not allowed with a key that is bound to a workspace',
    });
  });

  it('of a deleted workspace is told that the workspace does not exist', async () => {
    const gone = await api.tenant();
    await api.control.query('UPDATE workspaces SET deleted_at = now() WHERE id = $1', [gone.workspace]);
    expect(errorOf(await api.call('GET', '/v1/pipelines', { key: gone.key }))).toEqual({
      status: 404,
      code: 'NotFound',
      message: 'workspace does not exist',
    });
  });
});

describe('an admin key', () => {
  it('works on the workspace that the header selects', async () => {
    const pipeline = await api.make.pipeline(workspace);
    const answer = await api.call('GET', '/v1/pipelines', { key: admin, workspace });
    expect(answer.body.pipelines.map(({ id }: { id: number }) => id)).toContain(pipeline);
  });

  it('must select a workspace where one is needed', async () => {
    expect(errorOf(await api.call('GET', '/v1/pipelines', { key: admin }))).toEqual({
      status: 400,
      code: 'BadRequest',
      message: 'header X-Workspace is required with an admin key',
    });
  });

  it.each(['0', '01', '-1', 'abc', '2147483648', '1 2', ''])(
    'must not select the malformed workspace %j',
    async (value) => {
      expect(errorOf(await api.call('GET', '/v1/pipelines', { key: admin, workspace: value }))).toEqual({
        status: 400,
        code: 'BadRequest',
        message: 'header X-Workspace must be the id of a workspace',
      });
    },
  );

  it('must not select two workspaces', async () => {
    const headers = [
      ['X-Workspace', String(workspace)],
      ['x-workspace', String(workspace)],
      ['Authorization', `Bearer ${admin}`],
    ];
    const response = await fetch(`${api.url}/v1/pipelines`, { headers: headers as [string, string][] });
    expect(response.status).toBe(400);
  });

  it('is told when the workspace is unknown or deleted', async () => {
    const gone = await api.make.workspace();
    await api.control.query('UPDATE workspaces SET deleted_at = now() WHERE id = $1', [gone]);
    const missing = { status: 404, code: 'NotFound', message: 'workspace does not exist' };
    expect(errorOf(await api.call('GET', '/v1/pipelines', { key: admin, workspace: gone }))).toEqual(missing);
    expect(errorOf(await api.call('GET', '/v1/pipelines', { key: admin, workspace: 5 }))).toEqual(missing);
  });

  it('may send the header where none is needed', async () => {
    expect((await api.call('GET', '/v1/workspaces', { key: admin, workspace: 'whatever' })).status).toBe(200);
  });
});

describe('every endpoint', () => {
  const concrete = (path: string): string => path.replace(/:\w+/g, '123456789');
  const withScope = (...scopes: string[]) => routes.filter(({ scope }) => scopes.includes(scope));

  it.each(withScope('admin').map((route) => [route.method, route.path]))(
    '%s %s refuses the key of a workspace with 403',
    async (method, path) => {
      const answer = await api.call(method.toUpperCase(), concrete(path), { key: bound });
      expect(errorOf(answer)).toEqual({
        status: 403,
        code: 'Forbidden',
        message: 'this needs an admin key; the API key is bound to a workspace',
      });
    },
  );

  it.each(withScope('admin', 'workspace', 'key').map((route) => [route.method, route.path]))(
    '%s %s refuses to answer without a key',
    async (method, path) => {
      expect(errorOf(await api.call(method.toUpperCase(), concrete(path)))).toEqual(unauthorized);
    },
  );

  it('is public only if it is about the health of the process', () => {
    expect(withScope('public').map(({ path }) => path)).toEqual(['/health/live', '/health/ready']);
  });
});
