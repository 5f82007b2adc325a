import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let writable: TestApi;
let admin: string;
let bound: string;

beforeAll(async () => {
  api = await TestApi.start();
  writable = await TestApi.start({ beside: api, env: { QUEUES_WRITABLE: 'true' } });
  admin = await api.make.key(null);
  ({ key: bound } = await api.tenant());
});
afterAll(async () => {
  await writable.close();
  await api.close();
});

const basic = (password: string) => ({
  Authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`,
});

describe('the queue pages', () => {
  it.each(['/queues', '/queues/', '/queues/queue/runs', '/queues/api/queues', '/queues/static/js/none.js'])(
    'ask for a key at %s',
    async (path) => {
      const answer = await api.call('GET', path);
      expect(errorOf(answer)).toMatchObject({ status: 401, code: 'Unauthorized' });
      expect(answer.headers.get('www-authenticate')).toContain('Basic realm=');
    },
  );

  it('refuse a key of a workspace, as bearer and as password', async () => {
    expect((await api.call('GET', '/queues/api/queues', { key: bound })).status).toBe(403);
    expect((await api.call('GET', '/queues/api/queues', { headers: basic(bound) })).status).toBe(403);
    expect((await api.call('GET', '/queues/api/queues', { headers: basic('wrong') })).status).toBe(401);
  });

  it('open with an admin key as bearer and, in a browser, as password', async () => {
    const page = await api.call('GET', '/queues/', { headers: basic(admin) });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Penstock</title>');
    expect(page.headers.get('www-authenticate')).toBeNull();
    const listed = await api.call('GET', '/queues/api/queues?activeQueue=runs&status=latest&page=1&jobsPerPage=10', {
      key: admin,
    });
    expect(listed.body.queues.map(({ name }: { name: string }) => name)).toEqual(['runs', 'ticks', 'upkeep']);
    expect(listed.body.queues.every(({ readOnlyMode }: { readOnlyMode: boolean }) => readOnlyMode)).toBe(true);
  });

  it('load their scripts and styles from here', async () => {
    const { text } = await api.call('GET', '/queues/', { key: admin });
    const files = [...text.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect((await api.call('GET', `/queues/${file}`, { key: admin })).status).toBe(200);
  });

  it.each(['PUT', 'POST', 'DELETE', 'PATCH'])('refuse %s while they are read-only', async (method) => {
    const answer = await api.call(method, '/queues/api/queues/runs/pause', { key: admin });
    expect(errorOf(answer)).toEqual({
      status: 403,
      code: 'Forbidden',
      message: 'queues are read-only: set QUEUES_WRITABLE=true',
    });
    expect(await api.deps.queues.runs.isPaused()).toBe(false);
  });

  it('change queues when an operator allows it, and only for their own page', async () => {
    const pause = (headers: Record<string, string>) =>
      writable.call('PUT', '/queues/api/queues/ticks/pause', { headers: { ...basic(admin), ...headers } });
    expect((await pause({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await pause({ 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
    expect(await api.deps.queues.ticks.isPaused()).toBe(false);
    expect((await pause({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
    expect(await api.deps.queues.ticks.isPaused()).toBe(true);
    await api.deps.queues.ticks.resume();
  });
});

describe('the documentation page', () => {
  it('is at /docs and takes all its files and the document from here', async () => {
    expect((await api.call('GET', '/docs')).headers.get('location')).toBe('/docs/');
    const page = await api.call('GET', '/docs/');
    expect(page.status).toBe(200);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files).toContain('./swagger-ui-bundle.js');
    for (const file of files) {
      expect(file).toMatch(/^\.\//);
      expect((await api.call('GET', `/docs/${file.slice(2)}`)).status).toBe(200);
    }
    const init = await api.call('GET', '/docs/swagger-ui-init.js');
    expect(init.text).toContain('"swaggerUrl": "/openapi.json"');
    expect(init.text).toContain('"validatorUrl": null');
  });

  it('works under a policy that allows nothing from elsewhere and no inline script', async () => {
    const policy = (await api.call('GET', '/docs/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(policy).not.toContain('https:');
    expect(policy).not.toContain('upgrade-insecure-requests');
    const { text } = await api.call('GET', '/docs/');
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
  });
});
