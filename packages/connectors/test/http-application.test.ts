import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { AppError } from '@penstock/domain';
import type { ReadFrom } from '@penstock/engine';
import { type ObjectType, parseSchema, ValueFailure } from '@penstock/language';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { httpApplication } from '../src/applications/http/http-application.js';
import { redactSettings } from '../src/index.js';
import { type ApplicationServer, startApplicationServer } from './application-server.js';
import { newRecord } from './application-writer-conformance.js';
import { faults } from './json-server.js';
import { rejection } from './read-source.js';
import { closedPort } from './tcp-server.js';
import { testAccess } from './test-access.js';
import { until } from './until.js';

const OWNER = { pipeline: 1, run: 1, epoch: 1 };
const PROPERTIES = [
  { name: 'email', type: { kind: 'string' }, nullable: true, readOptional: true, description: '' },
  { name: 'big', type: { kind: 'int', bitSize: 64 }, readOptional: true, description: '' },
];
const SCHEMA = { kind: 'object', properties: PROPERTIES };
const EXPECTED = parseSchema(SCHEMA);
const LIST = { path: '/users', usersPointer: '/users', updatedAtPointer: '/updated' };
const CURSOR = { ...LIST, paging: 'cursor', cursorPointer: '/next', parameter: 'cursor' };
const PAGE = { ...LIST, paging: 'page', parameter: 'page' };
const LINK = { ...LIST, paging: 'link' };
const DAY = '2026-01-01T00:00:00Z';

let server: ApplicationServer;
const unhurried = () => new AbortController().signal;
beforeEach(async () => {
  server = await startApplicationServer();
});
afterEach(async () => await server.stop());

const settingsOf = (more: object = {}) => ({ baseUrl: server.origin, schema: SCHEMA, list: CURSOR, ...more });

function store(count: number): void {
  for (let index = 1; index <= count; index += 1) {
    server.users.set(String(index), { id: String(index), email: `${index}@example.com`, updated: DAY });
  }
}

async function read(
  settings: object,
  from: ReadFrom | null = null,
  expected: ObjectType = EXPECTED,
  access = testAccess(),
) {
  const reader = await httpApplication.openSource(settings, expected, access).open(from, unhurried());
  const rows = [];
  const unreadable = [];
  for await (const batch of reader.batches()) {
    rows.push(...batch.rows);
    unreadable.push(...batch.unreadable);
  }
  return { columns: reader.columns, rows, unreadable };
}

async function openWriter(settings: object, access = testAccess()) {
  const columns = EXPECTED.properties.map(({ name, type }) => ({ name, type }));
  return await httpApplication.openDestination(settings, access).open({ owner: OWNER, columns }, unhurried());
}

describe('users of an HTTP application', () => {
  it.each([
    ['cursor', CURSOR],
    ['page', PAGE],
    ['link', LINK],
  ])('are read over all pages by %s, each once', async (_name, list) => {
    store(10);
    const { columns, rows } = await read(settingsOf({ list }));
    expect(columns.map(({ name }) => name)).toEqual(['_id', '_updated_at', 'email', 'big']);
    expect(rows).toEqual(
      [...server.users.values()].map(({ id, email }) => [id, '2026-01-01 00:00:00', email, undefined]),
    );
  });

  it('have exact values, or say why there is none', async () => {
    const users = `[{"id":9007199254740993,"updated":"${DAY}","big":9007199254740993,"email":null},
      {"id":{},"updated":"soon","big":1.5}, 7]`;
    server.fail(faults.text(`{"users":${users}}`, { 'content-type': 'text/plain' }));
    const { rows, unreadable } = await read(settingsOf());
    expect(rows[0]).toEqual(['9007199254740993', '2026-01-01 00:00:00', null, '9007199254740993']);
    expect(rows[1]).toEqual([expect.any(ValueFailure), expect.any(ValueFailure), undefined, expect.any(ValueFailure)]);
    expect(unreadable).toMatchObject([{ step: 'Receive', code: 'NotAnObject' }]);
  });

  it('that are older than the point to read from are asked away where that is possible, and left out anyway', async () => {
    store(2);
    server.users.set('3', { id: '3', email: 'new', updated: '2026-03-01T00:00:00Z' });
    const from: ReadFrom = { updatedAt: '2026-03-01 00:00:00', kind: 'datetime' };
    expect((await read(settingsOf(), from)).rows.map(([id]) => id)).toEqual(['3']);
    const list = { ...CURSOR, updatedAfterParameter: 'since' };
    expect((await read(settingsOf({ list }), from)).rows.map(([id]) => id)).toEqual(['3']);
    expect(server.requests.at(-1)?.url.searchParams.get('since')).toBe('2026-03-01T00:00:00Z');
  });

  it('leave out the columns of properties that the application does not have any more', async () => {
    const properties = [...EXPECTED.properties, { name: 'gone', type: { kind: 'string' }, description: '' } as const];
    const { columns } = await read(settingsOf(), null, { kind: 'object', properties });
    expect(columns.map(({ name }) => name)).not.toContain('gone');
  });

  it.each([
    ['cursor', CURSOR, '{"users":[{"id":1}],"next":"again"}'],
    ['a cursor without users', CURSOR, '{"users":[],"next":"again"}'],
    ['a page that ignores its number', PAGE, '{"users":[{"id":1}]}'],
    ['cursors that always are others', CURSOR, null],
  ])('that go round in circles end with an error: %s', async (_name, list, text) => {
    let count = 0;
    const endless = () => {
      count += 1;
      return `{"users":[{"id":1}],"next":"${count}"}`;
    };
    server.fail((response, work, request) => faults.text(text ?? endless())(response, work, request), 1_000);
    const error = await rejection(read(settingsOf({ list })));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('again and again') });
    expect(server.requests.length).toBeLessThan(5);
  });

  it('end within a second when the read is aborted, with the reason', async () => {
    server.fail(faults.silence, 10);
    const controller = new AbortController();
    const reader = await httpApplication.openSource(settingsOf(), EXPECTED, testAccess()).open(null, controller.signal);
    const reading = reader.batches()[Symbol.asyncIterator]().next();
    await until('the request is there', () => server.requests.length > 0);
    const start = performance.now();
    const reason = new Error('cancelled');
    controller.abort(reason);
    expect(await rejection(reading)).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
    await reader.close();
    await reader.close();
  });

  it('are found by a header Link that comes several times', async () => {
    store(4);
    server.fail((response) => {
      response.setHeader('link', ['</users?cursor=0>; rel="first"', '</users?cursor=3>; rel="next"']);
      response.end(JSON.stringify({ users: [...server.users.values()].slice(0, 3) }));
    });
    expect((await read(settingsOf({ list: LINK }))).rows.map(([id]) => id)).toEqual(['1', '2', '3', '4']);
  });

  it('of which an answer has more values than can be held are asked for in smaller pages', async () => {
    server.fail(faults.text(`{"users":[${'{},'.repeat(600_000)}{}]}`));
    expect(await rejection(read(settingsOf()))).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('smaller pages'),
    });
  });

  it('are not followed to another server', async () => {
    server.fail(faults.text('{"users":[{"id":1}]}', { link: '<http://169.254.169.254/users>; rel=next' }));
    expect(await rejection(read(settingsOf({ list: LINK })))).toMatchObject({ code: 'SourceRefused' });
  });

  it('are read from compressed answers, and not from those that are too large once decompressed', async () => {
    const packed = gzipSync(`{"users":[{"id":1,"updated":"${DAY}"}]}`);
    server.fail(faults.bytes(packed, { 'content-encoding': 'gzip' }));
    expect((await read(settingsOf())).rows).toHaveLength(1);
    server.fail(faults.bytes(gzipSync(Buffer.alloc(64 * 1024 * 1024)), { 'content-encoding': 'gzip' }));
    expect(await rejection(read(settingsOf()))).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('16 MiB'),
    });
    server.fail(faults.bytes(packed.subarray(0, 20), { 'content-encoding': 'gzip' }), 5);
    expect(await rejection(read(settingsOf()))).toMatchObject({ code: 'SourceUnavailable' });
  }, 30_000);
});

describe('requests to an HTTP application', () => {
  it('do not go to private networks, or without encryption, unless that is allowed', async () => {
    const access = testAccess(false);
    expect(await rejection(read(settingsOf(), null, EXPECTED, access))).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('https://'),
    });
    const local = settingsOf({ baseUrl: server.origin.replace('http:', 'https:') });
    expect(await rejection(read(local, null, EXPECTED, access))).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('private'),
    });
    expect(await rejection(openWriter(settingsOf(), access))).toMatchObject({ code: 'DestinationRefused' });
    expect(server.requests).toHaveLength(0);
  });

  it('that nobody listens to are tried again, and then say so', async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    const access = testAccess();
    expect(await rejection(read(settingsOf({ baseUrl }), null, EXPECTED, access))).toMatchObject({
      code: 'SourceUnavailable',
    });
    expect(access.taken).toHaveLength(5);
  }, 20_000);

  it('that would wait for too long are not sent, and say why', async () => {
    const access = testAccess();
    const take = async (): Promise<never> => {
      throw new AppError('SourceUnavailable', { message: 'the application asked to be left alone for 900 seconds' });
    };
    const limits = { ...access.limits, take };
    const writer = await openWriter(settingsOf({ create: { path: '/users' } }), { ...access, limits });
    expect(await rejection(writer.write('create', [newRecord('a')]))).toMatchObject({
      code: 'DestinationUnavailable',
      message: expect.stringContaining('900 seconds'),
    });
    expect(server.requests).toHaveLength(0);
    await writer.close();
  });

  it('that write are not sent twice without a key, when the answer was lost', async () => {
    const writer = await openWriter(settingsOf({ create: { path: '/users' } }));
    server.fail(faults.cutAfterWork);
    expect(await rejection(writer.write('create', [newRecord('a')]))).toMatchObject({ code: 'DestinationUnavailable' });
    expect(server.requests).toHaveLength(1);
    await writer.close();
  });

  const repeatable = { create: { method: 'PUT', path: '/users' }, requestsPerSecond: 1_000 };

  it('at which the application fails each time reject their record, with the status', async () => {
    const writer = await openWriter(settingsOf({ create: { path: '/users' } }));
    for (const status of [500, 501, 503, 500, 502]) {
      server.fail(faults.status(status));
      const outcomes = await writer.write('create', [newRecord('bad')]);
      expect(outcomes).toMatchObject([{ kind: 'rejected', message: expect.stringContaining(String(status)) }]);
      if (status === 503) await writer.write('create', [newRecord('good')]);
    }
    await writer.close();
  });

  it('at which the application fails five times in a row end with an error', async () => {
    const writer = await openWriter(settingsOf({ create: { path: '/users' } }));
    server.fail(faults.status(500), 100);
    for (let count = 1; count < 5; count++) await writer.write('create', [newRecord('a')]);
    expect(await rejection(writer.write('create', [newRecord('a')]))).toMatchObject({
      code: 'DestinationUnavailable',
      message: expect.stringContaining('status 500'),
    });
    await writer.close();
  });

  it('that were tried until the end, with the last answer lost, are not rejected', async () => {
    const writer = await openWriter(settingsOf(repeatable));
    server.fail(faults.status(500), 4);
    server.fail(faults.cutAfterWork);
    expect(await rejection(writer.write('create', [newRecord('a')]))).toMatchObject({ code: 'DestinationUnavailable' });
    expect(server.requests).toHaveLength(5);
    await writer.close();
  }, 30_000);

  it.each([
    ['204', 204, { 'content-encoding': 'gzip' }],
    ['200 with no bytes', 200, { 'content-encoding': 'br', 'content-length': '0' }],
    ['200 with no chunks', 200, { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }],
    ['200 encoded as nobody asked for', 200, { 'content-encoding': 'zstd', 'content-length': '0' }],
  ])('are accepted by an answer without a body that says how it is encoded: %s', async (_name, status, headers) => {
    const writer = await openWriter(settingsOf({ create: { path: '/users' }, createdIdPointer: '/id' }));
    server.fail((response) => response.writeHead(status, headers as Record<string, string>).end());
    expect(await writer.write('create', [newRecord('a')])).toEqual([{ kind: 'accepted', externalId: null }]);
    await writer.close();
  });

  it('have the same key in every try', async () => {
    const writer = await openWriter(settingsOf({ create: { path: '/users' }, idempotencyHeader: 'Idempotency-Key' }));
    server.fail(faults.cutAfterWork);
    await writer.write('create', [newRecord('a')]);
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'key of a null',
      'key of a null',
    ]);
    await writer.close();
  });

  it('have bodies as their templates say', async () => {
    const body = { user: { mail: '{{email}}', n: '{{big}}' }, source: 'penstock' };
    const writer = await openWriter(settingsOf({ create: { path: '/users', body } }));
    await writer.write('create', [
      { externalId: null, attributes: { email: 'a"}', big: '9007199254740993' }, idempotencyKey: 'k' },
    ]);
    expect(server.requests[0]?.text).toBe('{"user":{"mail":"a\\"}","n":9007199254740993},"source":"penstock"}');
    await writer.close();
  });

  it.each(['..', '.', '', 'a/../../admin', '%2e%2e'])('cannot be led elsewhere by the identifier %j', async (id) => {
    store(1);
    const writer = await openWriter(settingsOf({ delete: { path: '/users/{id}' } }));
    await writer.remove?.([id]);
    expect(server.users.size).toBe(1);
    for (const { url } of server.requests) expect(url.pathname).toMatch(/^\/users\/[^/]+$/);
    await writer.close();
  });

  it('are signed with their time, method, address and body', async () => {
    const writer = await openWriter(settingsOf({ create: { path: '/users?a=1' }, signingSecret: 'sign' }));
    await writer.write('create', [newRecord('a')]);
    const [request] = server.requests;
    const [, time, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-penstock-signature'])) ?? [];
    expect(signature).toBe(
      createHmac('sha256', 'sign').update(`${time}.POST./users?a=1.${request?.text}`).digest('hex'),
    );
    expect(Math.abs(Number(time) - Date.now() / 1_000)).toBeLessThan(60);
    await writer.close();
  });

  it('that the settings do not describe are refused', async () => {
    const writer = await openWriter(settingsOf());
    expect(await rejection(writer.write('create', [newRecord('a')]))).toMatchObject({ code: 'DestinationRefused' });
    expect(writer.remove).toBeUndefined();
    await writer.close();
  });

  it('are not made with properties that the application does not have', async () => {
    const columns = [{ name: 'gone', type: { kind: 'string' } } as const];
    const destination = httpApplication.openDestination(settingsOf(), testAccess());
    expect(await rejection(destination.open({ owner: OWNER, columns }, unhurried()))).toMatchObject({
      code: 'SchemaDrift',
    });
  });
});

describe('OAuth of an HTTP application', () => {
  const oauth = () =>
    settingsOf({
      auth: 'oauth',
      oauthUrl: `${server.origin}/token`,
      clientId: 'id',
      clientSecret: 's3c:ret',
      create: { path: '/users' },
    });

  it('gets one token for all who need one at the same time', async () => {
    const writer = await openWriter(oauth());
    await Promise.all(['a', 'b', 'c'].map(async (email) => await writer.write('create', [newRecord(email)])));
    expect(server.tokens).toHaveLength(1);
    const [request] = server.requests;
    expect(request?.text).toBe('grant_type=client_credentials');
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('id:s3c%3Aret').toString('base64')}`);
    await writer.close();
  });

  it('gets one fresh token when the application refuses the one that it has', async () => {
    const writer = await openWriter(oauth());
    await writer.write('create', [newRecord('a')]);
    server.revoke();
    expect((await writer.write('create', [newRecord('b')])).map(({ kind }) => kind)).toEqual(['accepted']);
    expect(server.tokens).toHaveLength(2);
    server.fail(faults.status(401), 2, ({ url }) => url.pathname === '/users');
    expect(await rejection(writer.write('create', [newRecord('c')]))).toMatchObject({ code: 'DestinationRefused' });
    expect(server.tokens).toHaveLength(3);
    await writer.close();
  });

  it('gets a new token before the one that it has ends', async () => {
    await server.stop();
    server = await startApplicationServer({ tokenLifeS: 60 });
    let passedS = 0;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedS * 1_000);
    onTestFinished(() => clock.mockRestore());
    const writer = await openWriter(oauth());
    await writer.write('create', [newRecord('a')]);
    // Long before half of its life is over, however slow the machine is.
    passedS = 10;
    await writer.write('create', [newRecord('b')]);
    expect(server.tokens).toHaveLength(1);
    passedS = 30;
    await writer.write('create', [newRecord('c')]);
    expect(server.tokens).toHaveLength(2);
    expect(server.requests.filter(({ url }) => url.pathname === '/users')).toHaveLength(3);
    await writer.close();
  });

  it.each([
    ['refuses', faults.status(401, {}, { error: 'invalid_client s3cret' })],
    ['answers without a token', faults.text('{"access_token": 7, "s3cret": 1}')],
  ])('says so when the server %s', async (_what, fault) => {
    server.fail(fault, 10);
    const error = await rejection(read(oauth()));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('clientId') });
    expect(String(error)).not.toContain('s3c');
  });
});

describe('settings of an HTTP application', () => {
  it('are tested by the first page, or the address alone', async () => {
    await httpApplication.test(settingsOf(), testAccess(), unhurried());
    await httpApplication.test({ baseUrl: server.origin, schema: SCHEMA }, testAccess(), unhurried());
    server.fail((response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99' }).end());
    await httpApplication.test({ baseUrl: server.origin, schema: SCHEMA }, testAccess(), unhurried());
    const wrong = settingsOf({ list: { ...CURSOR, usersPointer: '/data' } });
    expect(await rejection(httpApplication.test(wrong, testAccess(), unhurried()))).toMatchObject({
      code: 'SourceRefused',
    });
  });

  it.each([
    [{ baseUrl: 'ftp://a' }, 'baseUrl'],
    [{ baseUrl: 'https://u:p@a' }, 'baseUrl'],
    [{ baseUrl: 'https://a/?x=1' }, 'baseUrl'],
    [{ auth: 'bearer' }, 'token is required'],
    [{ auth: 'oauth' }, 'oauthUrl is required'],
    [{ list: { path: '/users', paging: 'cursor' } }, 'list.parameter'],
    [{ list: { path: 'users' } }, 'list.path'],
    [{ update: { path: '/users' } }, 'update.path must contain {id}'],
    [{ create: { path: '/users/{id}' } }, 'create.path must not contain {id}'],
    [{ list: { path: '/users/{id}' } }, 'list.path must not contain {id}'],
    [{ idempotencyHeader: 'Content-Length' }, 'idempotencyHeader'],
    [{ signatureHeader: 'host' }, 'signatureHeader'],
    [{ auth: 'bearer', token: 't', signatureHeader: 'authorization' }, 'signatureHeader must not be Authorization'],
    [{ create: { path: '/users', body: '{{' } }, 'create.body'],
    [{ update: { path: '/users/{id}', body: { a: ['{{emial}}'] } } }, 'update.body has the placeholder {{emial}}'],
    [{ schema: { kind: 'object', properties: [] } }, 'schema'],
    [{ schema: undefined }, 'schema'],
  ])('%j are refused', (more, message) => {
    expect(() => httpApplication.openSource(settingsOf(more), EXPECTED, testAccess())).toThrow(message);
  });

  it('do not show their secrets', () => {
    const secret = { token: 's3cret', password: 's3cret', clientSecret: 's3cret', signingSecret: 's3cret' };
    const headers = [{ key: 'X-Key', value: 's3cret' }];
    expect(JSON.stringify(redactSettings(httpApplication, settingsOf({ ...secret, headers })))).not.toContain('s3cret');
  });
});
