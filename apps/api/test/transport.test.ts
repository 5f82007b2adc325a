import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/client.js';
import { sendBytes as send } from './support/send-bytes.js';
import { TestApi } from './support/test-api.js';

let api: TestApi;
let key: string;
let path: string;

beforeAll(async () => {
  api = await TestApi.start();
  const tenant = await api.tenant();
  key = tenant.key;
  path = `/v1/pipelines/${await api.make.pipeline(tenant.workspace)}/status`;
});
afterAll(() => api.close());

const put = (raw: string | Uint8Array, headers: Record<string, string> = {}) =>
  api.call('PUT', path, { key, raw, headers });

const sendBytes = (text: string) => send(api.server.port, text);

describe('the id of a request', () => {
  it('is made up when the client has none, differently each time', async () => {
    const first = await api.call('GET', '/health/live');
    const second = await api.call('GET', '/health/live');
    expect(first.headers.get('request-id')).not.toBe(second.headers.get('request-id'));
  });

  it.each(['abc-123', 'A.b_c', 'x'.repeat(128)])('is the one of the client when that is sane: %s', async (id) => {
    const answer = await api.call('GET', '/nowhere', { headers: { 'Request-Id': id } });
    expect(answer.headers.get('request-id')).toBe(id);
    expect(answer.body.error.requestId).toBe(id);
  });

  it.each(['', 'with space', '<script>', 'a,b', 'x'.repeat(129)])(
    'is not taken from the client when it is %j',
    async (id) => {
      const answer = await api.call('GET', '/health/live', { headers: { 'Request-Id': id } });
      expect(answer.headers.get('request-id')).not.toBe(id);
    },
  );
});

describe('a path', () => {
  it.each(['/', '/v1', '/v2/pipelines', '/v1/pipelines/', '/V1/pipelines', '/v1/pipelines/1/runs/2', '/v1//pipelines'])(
    '%s that does not exist is 404, also without a key',
    async (unknown) => {
      const answer = await api.call('GET', unknown);
      expect(errorOf(answer)).toEqual({ status: 404, code: 'NotFound', message: 'there is nothing at this path' });
    },
  );

  it.each([
    ['PATCH', '/v1/pipelines/1', 'DELETE, GET, PUT, HEAD'],
    ['POST', '/v1/pipelines/runs', 'GET, HEAD'],
    ['DELETE', '/v1/pipelines/runs', 'GET, HEAD'],
    ['GET', '/v1/pipelines/1/status', 'PUT'],
    ['OPTIONS', '/v1/pipelines/1/runs', 'POST'],
  ])('answers 405 to %s %s and says which methods it has', async (method, known, allow) => {
    const answer = await api.call(method, known);
    expect(errorOf(answer)).toMatchObject({ status: 405, code: 'MethodNotAllowed' });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('answers HEAD like GET, without the body', async () => {
    const answer = await api.call('HEAD', '/v1/pipelines', { key });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
  });

  it('that is not valid percent-encoding is 400', async () => {
    expect(errorOf(await api.call('GET', '/v1/pipelines/%zz', { key }))).toMatchObject({
      status: 400,
      code: 'BadRequest',
    });
  });
});

describe('a body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'may have the type %s',
    async (type) => {
      expect((await put('{"enabled":true}', { 'Content-Type': type })).status).toBe(204);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/json; profile=x',
    'application/jsonp',
  ])('of type %s is 415', async (type) => {
    expect(errorOf(await put('{"enabled":true}', { 'Content-Type': type }))).toMatchObject({
      status: 415,
      code: 'UnsupportedMediaType',
    });
  });

  it('that is compressed is 415', async () => {
    expect((await put('{"enabled":true}', { 'Content-Encoding': 'gzip' })).status).toBe(415);
  });

  it.each(['{', '{"enabled":tru}', '{"enabled":true}}', "{'enabled':true}", '{"enabled":true,}', 'NaN'])(
    'that is the malformed JSON %s is 400',
    async (raw) => {
      expect(errorOf(await put(raw))).toEqual({
        status: 400,
        code: 'BadRequest',
        message: 'request body is not valid JSON',
      });
    },
  );

  it.each([
    ['{"enabled":true,"enabled":false}', '"enabled"'],
    ['{"a":{"b":1,"\\u0062":2}}', '"b"'],
    ['{"list":[{"x":"\\"x\\":"},{"y":1,"y":1}]}', '"y"'],
  ])('with a member twice is 400: %s', async (raw, name) => {
    expect(errorOf(await put(raw))).toEqual({
      status: 400,
      code: 'BadRequest',
      message: `request body has the member ${name} twice`,
    });
  });

  it('may have the same name in different objects, and texts that look like members', async () => {
    expect(
      (await put('{"enabled":true,"a":{"enabled":"enabled"},"b":["enabled","enabled"],"c":"\\"enabled\\":1"}')).status,
    ).toBe(204);
  });

  it('may have texts with escaped quotes that look like members', async () => {
    expect((await put('{"enabled":true,"c":"\\",\\"enabled\\":1"}')).status).toBe(204);
  });

  it('with a member named __proto__ is 400', async () => {
    expect((await put('{"enabled":true,"__proto__":{}}')).status).toBe(400);
  });

  it('that is nested too deeply is 400', async () => {
    expect(errorOf(await put('['.repeat(60_000) + ']'.repeat(60_000))).message).toContain(
      'nested more than 100 levels',
    );
  });

  it('that is not UTF-8 is 400', async () => {
    const bytes = Buffer.concat([Buffer.from('{"enabled":true,"x":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(errorOf(await put(bytes)).message).toBe('request body is not valid UTF-8');
  });

  it('of exactly 512 KB is taken, one byte more is 413', async () => {
    const ofLength = (length: number): string => {
      const text = '{"enabled":true,"x":""}';
      return text.replace('""', `"${'y'.repeat(length - text.length)}"`);
    };
    expect((await put(ofLength(512 * 1024))).status).toBe(204);
    expect(errorOf(await put(ofLength(512 * 1024 + 1)))).toMatchObject({ status: 413, code: 'BodyTooLarge' });
  });

  it('of unknown length over 512 KB is 413, and the connection goes on', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let left = 20;
    const raw = new ReadableStream({
      pull: (controller) => {
        if (left-- === 0) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const answer = await api.call('PUT', path, { key, raw });
    expect(errorOf(answer)).toMatchObject({ status: 413, code: 'BodyTooLarge' });
    expect((await put('{"enabled":true}')).status).toBe(204);
  });

  it.each(['GET', 'DELETE'])('is refused with %s', async (method) => {
    const head = `${method} ${path.replace('/status', '')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n`;
    const fixed = await sendBytes(`${head}Content-Length: 2\r\n\r\n{}`);
    expect(fixed).toMatch(/^HTTP\/1.1 400 .*a (GET|DELETE) request must not have a body/s);
    const chunked = await sendBytes(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
    expect(chunked).toMatch(/^HTTP\/1.1 400 /);
  });

  it('may be announced and empty with GET', async () => {
    const head = `GET ${path.replace('/status', '')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n`;
    expect(await sendBytes(`${head}Content-Length: 0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    expect(await sendBytes(`${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('is compared in Unicode normal form C: texts that look the same are the same', async () => {
    const tenant = await api.tenant();
    const admin = await api.make.key(null);
    const raw = `{"name":"Cafe\u0301","workspace":${tenant.workspace}}`;
    const answer = await api.call('POST', '/v1/keys', { key: admin, raw });
    expect(answer.body.name).toBe('Caf\u00e9');
  });
});

describe('an answer', () => {
  it('names neither the server nor the framework, and may not be cached or sniffed', async () => {
    const { headers } = await api.call('GET', '/v1/pipelines', { key });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('to what is not HTTP is an error in the usual form', async () => {
    expect(await sendBytes('this is not HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"BadRequest"/s);
  });

  it('to headers that are too large is 431', async () => {
    expect(await sendBytes(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });

  it('to an unexpected failure is generic; the cause is in the log only', async () => {
    const broken = await TestApi.start();
    const tenant = await broken.tenant();
    await broken.control.query('ALTER TABLE pipelines RENAME TO pipelines_gone');
    const answer = await broken.call('GET', '/v1/pipelines', { key: tenant.key });
    expect(errorOf(answer)).toEqual({ status: 500, code: 'InternalError', message: 'an internal error has occurred' });
    expect(answer.text).not.toContain('pipelines_gone');
    expect(broken.log.text()).toContain('relation \\"pipelines\\" does not exist');
    expect(broken.log.text()).toContain(answer.headers.get('request-id'));
    await broken.close();
  });
});
