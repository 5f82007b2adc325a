import type { DestinationColumn, OutgoingRecord, ReadFrom } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOutcomes } from '../src/applications/hubspot/batch-outcomes.js';
import { hubspot } from '../src/applications/hubspot/hubspot.js';
import { redactSettings } from '../src/index.js';
import { HUBSPOT_TOKEN, type HubSpotServer, startHubSpotServer } from './hubspot-server.js';
import { faults } from './json-server.js';
import { rejection } from './read-source.js';
import { type TestAccess, testAccess } from './test-access.js';

const OWNER = { pipeline: 1, run: 1, epoch: 1 };
const unhurried = () => new AbortController().signal;

let server: HubSpotServer;
let access: TestAccess;
beforeEach(async () => {
  server = await startHubSpotServer();
  access = testAccess();
});
afterEach(async () => await server.stop());

const settingsOf = (more: object = {}) => ({ accessToken: HUBSPOT_TOKEN, baseUrl: server.origin, ...more });
const schemaOf = async (role: 'Source' | 'Destination') =>
  await hubspot.userSchema(settingsOf(), role, access, unhurried());

function only(schema: ObjectType, ...names: string[]): ObjectType {
  return { kind: 'object', properties: schema.properties.filter(({ name }) => names.includes(name)) };
}

async function read(expected: ObjectType, from: ReadFrom | null = null) {
  const reader = await hubspot.openSource(settingsOf(), expected, access).open(from, unhurried());
  const rows = [];
  for await (const batch of reader.batches()) rows.push(...batch.rows);
  return { columns: reader.columns, rows };
}

async function openWriter(...names: string[]) {
  const { properties } = only(await schemaOf('Destination'), ...names);
  return await hubspot.openDestination(settingsOf(), access).open({ owner: OWNER, columns: properties }, unhurried());
}

const record = (attributes: OutgoingRecord['attributes'], externalId: string | null = null): OutgoingRecord => ({
  externalId,
  attributes,
  idempotencyKey: 'k',
});

describe('the schema of contacts', () => {
  it('has what can be read, with its kinds, and of a destination only what can be written', async () => {
    const source = await schemaOf('Source');
    expect(source.properties.map(({ name, type }) => [name, type.kind])).toEqual([
      ['age', 'float'],
      ['birthday', 'date'],
      ['email', 'string'],
      ['firstname', 'string'],
      ['interests', 'array'],
      ['joined', 'datetime'],
      ['lastmodifieddate', 'datetime'],
      ['score', 'float'],
      ['stage', 'string'],
      ['subscribed', 'boolean'],
    ]);
    const names = (await schemaOf('Destination')).properties.map(({ name }) => name);
    expect(names).not.toContain('lastmodifieddate');
    expect(names).not.toContain('score');
    expect(names).toContain('email');
  });

  it.each([
    ['no list', '{"results": 7}'],
    ['nothing', '{"results": []}'],
    ['no JSON', '<html>'],
  ])('is an error when HubSpot answers with %s', async (_what, text) => {
    server.fail(faults.text(text));
    expect(await rejection(schemaOf('Source'))).toMatchObject({ code: 'SourceUnavailable' });
  });
});

describe('contacts of HubSpot', () => {
  it('are read with values of the kinds of their properties; what they lack, they lack', async () => {
    const values = { age: '12.5', birthday: '1990-01-31', interests: 'a;b', joined: '2026-01-01T00:00:00.120Z' };
    const { id } = server.put({ email: 'a@example.com', subscribed: 'true', stage: 'lead', ...values });
    server.put({ age: 'many' });
    const { columns, rows } = await read(await schemaOf('Source'));
    const [first, second] = rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
    expect(first).toEqual({
      _id: id,
      _updated_at: '2026-01-01 00:00:00',
      age: 12.5,
      birthday: '1990-01-31',
      email: 'a@example.com',
      firstname: undefined,
      interests: ['a', 'b'],
      joined: '2026-01-01 00:00:00.12',
      lastmodifieddate: '2026-01-01 00:00:00',
      score: undefined,
      stage: 'lead',
      subscribed: true,
    });
    expect(second?.age).toMatchObject({ step: 'InputValidation' });
  });

  it('are all read, once each, where there are more than a search delivers and all were changed at the same time', async () => {
    for (let index = 0; index < 10_250; index += 1) server.put({ email: `${index}@example.com` });
    const { rows } = await read(only(await schemaOf('Source'), 'email'));
    expect(rows).toHaveLength(10_250);
    expect(new Set(rows.map(([id]) => id)).size).toBe(10_250);
  }, 60_000);

  it('are not left out when others change while they are read', async () => {
    for (let index = 0; index < 250; index += 1) server.put({ email: `${index}@example.com` });
    const [first] = server.contacts.values();
    server.fail(
      (response, work, request) => {
        if (first !== undefined)
          server.contacts.set(first.id, {
            ...first,
            properties: { ...first.properties, lastmodifieddate: '2026-06-01T00:00:00.000Z' },
          });
        faults.text(JSON.stringify(work().body))(response, work, request);
      },
      1,
      ({ url, text }) => url.pathname.endsWith('/search') && !text.includes('"value":"0"'),
    );
    const { rows } = await read(only(await schemaOf('Source'), 'email'));
    expect(new Set(rows.map(([id]) => id)).size).toBe(250);
  });

  it('are asked for from a point in time on', async () => {
    server.put({ email: 'old' }, '2025-12-31T23:59:59.999Z');
    server.put({ email: 'new' }, '2026-01-01T00:00:00.500Z');
    const from: ReadFrom = { updatedAt: '2026-01-01 00:00:00.500000', kind: 'datetime' };
    const { rows } = await read(only(await schemaOf('Source'), 'email'), {
      ...from,
      updatedAt: '2026-01-01 00:00:00.5',
    });
    expect(rows.map((row) => row[2])).toEqual(['new']);
    expect(
      server.requests.some(({ text }) => text.includes(`"value":"${Date.parse('2026-01-01T00:00:00.500Z')}"`)),
    ).toBe(true);
  });

  it('that come again and again end with an error', async () => {
    server.fail(faults.text('{"results":[{"id":"7","properties":{}}]}'), 100, ({ url }) =>
      url.pathname.endsWith('/search'),
    );
    expect(await rejection(read(await schemaOf('Source')))).toMatchObject({ code: 'SourceRefused' });
  });
});

describe('writing contacts', () => {
  it('puts values as HubSpot writes them, and clears what is null', async () => {
    const { id } = server.put({ email: 'a', firstname: 'A' });
    const writer = await openWriter('email', 'firstname', 'age', 'subscribed', 'birthday', 'joined', 'interests');
    const attributes = {
      firstname: null,
      age: 1e21,
      subscribed: false,
      birthday: '1990-01-31',
      joined: '2026-01-01 00:00:00.5',
      interests: ['a', 'b'],
    };
    await writer.write('update', [record(attributes, id)]);
    expect(server.contacts.get(id)?.properties).toMatchObject({
      email: 'a',
      age: '1e+21',
      subscribed: 'false',
      birthday: '1990-01-31',
      joined: '2026-01-01T00:00:00.500Z',
      interests: 'a;b',
    });
    expect(server.contacts.get(id)?.properties.firstname).toBeUndefined();
    await writer.close();
  });

  it('sends a hundred in one request, and halves what is refused as a whole', async () => {
    server.refusesWholeBatches = true;
    const writer = await openWriter('email');
    const { id } = server.put({ email: 'there' });
    const emails = Array.from({ length: 100 }, (_, index) =>
      index === 17 ? 'bad' : index === 63 ? 'there' : `${index}`,
    );
    const outcomes = await writer.write(
      'create',
      emails.map((email) => record({ email })),
    );
    const messages = outcomes.flatMap((outcome, index) =>
      outcome.kind === 'rejected' ? [[index, outcome.message]] : [],
    );
    expect(messages).toEqual([
      [17, 'HubSpot refused the contact (VALIDATION_ERROR): property email is INVALID_EMAIL (status 400)'],
      [63, `HubSpot has a contact with the same unique values already, with ID ${id} (status 409)`],
    ]);
    expect(server.requests.filter(({ url }) => url.pathname.endsWith('/create')).length).toBeLessThan(40);
    await writer.close();
  });

  it('keeps the limits of the account: searches apart from the rest, and nothing of the token in the names', async () => {
    const writer = await openWriter('email');
    await writer.write('create', [record({ email: 'a' })]);
    for await (const _ of writer.users({ name: 'email', type: { kind: 'string' } } as DestinationColumn));
    await writer.close();
    const limits = new Map(access.taken.map((limit) => [limit.name, limit]));
    expect([...limits.keys()]).toEqual([
      expect.stringMatching(/^hubspot:\w{24}:requests$/),
      expect.stringMatching(/^hubspot:\w{24}:search$/),
    ]);
    const [requests, search] = limits.values();
    // Never more than 110 in 10 seconds, or 5 searches in one.
    expect((requests?.burst ?? 0) + 10 * (requests?.perSecond ?? 0)).toBeLessThanOrEqual(110);
    expect((search?.burst ?? 0) + (search?.perSecond ?? 0)).toBeLessThanOrEqual(5);
  });

  it.each([
    [{ policyName: 'TEN_SECONDLY_ROLLING' }, {}, 10_000],
    [{ policyName: 'TEN_SECONDLY_ROLLING' }, { 'x-hubspot-ratelimit-interval-milliseconds': '4000' }, 4_000],
    [{ policyName: 'SECONDLY' }, {}, 1_000],
    [{ policyName: 'TEN_SECONDLY_ROLLING' }, { 'retry-after': '3' }, 3_000],
    [{}, {}, 1_000],
  ])('waits after a 429 of %j %j for %i ms', async (body, headers, pauseMs) => {
    const writer = await openWriter('email');
    server.fail(faults.status(429, headers as Readonly<Record<string, string>>, body));
    await writer.write('create', [record({ email: 'a' })]);
    expect(access.pauses).toEqual([pauseMs]);
    await writer.close();
  });

  it('does not send new contacts again that may have been taken', async () => {
    const writer = await openWriter('firstname');
    for (const fault of [faults.cutAfterWork, faults.status(502)]) {
      server.fail(fault);
      const before = server.requests.length;
      expect(await rejection(writer.write('create', [record({ firstname: 'A' })]))).toMatchObject({
        code: 'DestinationUnavailable',
      });
      expect(server.requests.length - before).toBe(1);
    }
    await writer.close();
  });

  it.each([423, 477, 521])('ends with %i in a way that is worth another attempt', async (status) => {
    const writer = await openWriter('email');
    server.fail(faults.status(status));
    expect(await rejection(writer.write('create', [record({ email: 'a' })]))).toMatchObject({
      code: 'DestinationUnavailable',
    });
    await writer.close();
  });

  it('does not wait for the next day', async () => {
    const writer = await openWriter('email');
    server.fail(faults.status(429, {}, { policyName: 'DAILY', message: 'You have reached your daily limit.' }));
    expect(await rejection(writer.write('create', [record({ email: 'a' })]))).toMatchObject({
      code: 'DestinationUnavailable',
    });
    await writer.close();
  });

  it('is refused of properties that are not there, cannot be written, or have another type', async () => {
    const open = async (column: DestinationColumn) =>
      await rejection(
        hubspot.openDestination(settingsOf(), access).open({ owner: OWNER, columns: [column] }, unhurried()),
      );
    expect(await open({ name: 'gone', type: { kind: 'string' } })).toMatchObject({ code: 'SchemaDrift' });
    expect(await open({ name: 'score', type: { kind: 'float', bitSize: 64, real: true } })).toMatchObject({
      code: 'SchemaDrift',
    });
    expect(await open({ name: 'age', type: { kind: 'string' } })).toMatchObject({ code: 'SchemaDrift' });
  });
});

describe('what HubSpot says of a batch', () => {
  const records = [record({}, '11'), record({}, '12'), record({}, '13')];
  const kinds = (json: unknown) => batchOutcomes(json, records).map(({ kind }) => kind);

  it('is about the records that it names, by trace or by identifier', () => {
    const results = [{ id: '13' }, { id: '11' }];
    const error = { category: 'OBJECT_NOT_FOUND', context: { ids: ['12'] } };
    expect(kinds({ results, errors: [error] })).toEqual(['accepted', 'rejected', 'accepted']);
    const traced = { category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['2'] } };
    expect(kinds({ results: [{ id: '11' }, { id: '12' }], errors: [traced] })).toEqual([
      'accepted',
      'accepted',
      'rejected',
    ]);
  });

  it('is about all when all were taken, and of new ones no identifier is said where it names none', () => {
    const created = [record({}), record({})];
    expect(batchOutcomes({ results: [{ id: '1' }, { id: '2' }] }, created)).toEqual([
      { kind: 'accepted', externalId: null },
      { kind: 'accepted', externalId: null },
    ]);
    expect(batchOutcomes({ results: [null, {}] }, created).map(({ kind }) => kind)).toEqual(['rejected', 'rejected']);
    expect(kinds({ results: [{ id: '11' }, { id: '11' }, { id: '11' }] })).toEqual([
      'accepted',
      'rejected',
      'rejected',
    ]);
  });

  it('is about all others when it names none', () => {
    expect(kinds({ results: [{ id: '12' }], errors: [{ category: 'VALIDATION_ERROR' }] })).toEqual([
      'rejected',
      'accepted',
      'rejected',
    ]);
    expect(kinds({ results: [{ id: '12' }] })).toEqual(['rejected', 'accepted', 'rejected']);
  });

  it.each([
    [null],
    [7],
    [{}],
    [{ results: [null, 7], errors: [null, 'x', { context: 7 }] }],
    [{ errors: [{ context: { objectWriteTraceId: ['9', '-1', 7] } }] }],
  ])('%j makes nobody accepted', (json) => expect(kinds(json)).toEqual(['rejected', 'rejected', 'rejected']));
});

describe('settings of HubSpot', () => {
  it('are tested, and say which one is wrong', async () => {
    await hubspot.test(settingsOf(), access, unhurried());
    const error = await rejection(hubspot.test(settingsOf({ accessToken: 'wrong-s3cret' }), access, unhurried()));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('accessToken') });
    expect(String(error)).not.toMatch(/s3cret|secret words/);
  });

  it('are guarded: no private networks, and no address without encryption', async () => {
    for (const baseUrl of [server.origin, 'https://127.0.0.1', 'https://localhost']) {
      expect(await rejection(hubspot.test(settingsOf({ baseUrl }), testAccess(false), unhurried()))).toMatchObject({
        code: 'SourceRefused',
      });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('do not show the token', () => {
    expect(JSON.stringify(redactSettings(hubspot, settingsOf()))).not.toContain('s3cret');
  });
});
