import type { ApplicationExportDefinition, ApplicationImportDefinition } from '@penstock/domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ApplicationServer,
  startApplicationServer,
} from '../../../packages/connectors/test/application-server.js';
import type { AttemptStage } from '../src/runtime/attempt.js';
import { profileProperties, Scenario } from './support/scenario.js';

const USERS = 300;
const NETWORK = { ALLOW_PRIVATE_NETWORKS: 'true' };

let scenario: Scenario;
let server: ApplicationServer;
let connection: number;

beforeAll(async () => {
  scenario = await Scenario.withProfiles(USERS);
});
beforeEach(async () => {
  server = await startApplicationServer({ pageSize: 100 });
  connection = await scenario.createConnection('http-application', settingsOf(server));
});
afterEach(async () => {
  await scenario.killWorkers();
  await server.stop();
});
afterAll(() => scenario.dispose());

const USER_SCHEMA = {
  kind: 'object',
  properties: ['email', 'country'].map((name) => ({
    ...{ name, type: { kind: 'string' }, nullable: true, readOptional: true, description: '' },
  })),
};

function settingsOf({ origin }: ApplicationServer) {
  return {
    baseUrl: origin,
    ...{ requestsPerSecond: 1000, burst: 1000, schema: USER_SCHEMA },
    list: {
      ...{ path: '/users', usersPointer: '/users', paging: 'cursor', cursorPointer: '/next', parameter: 'cursor' },
      updatedAtPointer: '/updated',
    },
    ...{ create: { path: '/users' }, update: { path: '/users/{id}' }, delete: { path: '/users/{id}' } },
    ...{ createdIdPointer: '/data/id', idempotencyHeader: 'Idempotency-Key' },
  };
}

const EXPORT: ApplicationExportDefinition = {
  kind: 'export-to-application',
  exportMode: 'CreateOrUpdate',
  matching: { in: 'email', out: 'email' },
  ...{ updateOnDuplicates: false, onLeave: 'keep', filter: null },
  inSchema: profileProperties('email', 'country'),
  outSchema: {
    kind: 'object',
    properties: ['email', 'country'].map((name) => ({ name, type: { kind: 'string' }, description: '' })),
  },
  transformation: { mapping: { country: 'country' } },
};

const ALL = [USERS, USERS, 0, USERS, USERS, USERS];
const NONE = [0, 0, 0, 0, 0, 0];

async function run(pipeline: number, options: { readonly full?: boolean } = {}) {
  return scenario.runIn(await scenario.start(pipeline, options), 'succeeded');
}

const writes = () => server.requests.filter(({ method }) => method !== 'GET');

describe('an export to an application', () => {
  it('creates who is missing, updates who is there, and sends nothing that has not changed', async () => {
    server.users.set('known', {
      id: 'known',
      email: 'user7@example.com',
      country: 'old',
      updated: '2026-01-01T00:00:00Z',
    });
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    expect(await run(pipeline)).toMatchObject({ passed: ALL, failed: NONE, added: USERS, changed: 0, unchanged: 0 });
    expect(server.users.size).toBe(USERS);
    expect(server.users.get('known')).toMatchObject({ email: 'user7@example.com', country: 'HX' });
    const sent = writes().length;
    expect(sent).toBe(USERS);
    expect(await run(pipeline)).toMatchObject({ passed: ALL, failed: NONE, added: 0, changed: 0, unchanged: USERS });
    expect(writes()).toHaveLength(sent);
  });

  it('sends nothing again, and makes nobody twice, when the application writes emails in its own way', async () => {
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    await run(pipeline);
    for (const [id, user] of server.users) server.users.set(id, { ...user, email: String(user.email).toUpperCase() });
    const sent = writes().length;
    expect(await run(pipeline)).toMatchObject({ passed: ALL, failed: NONE, added: 0, changed: 0, unchanged: USERS });
    expect(writes()).toHaveLength(sent);
    expect(server.users.size).toBe(USERS);
  });

  it('updates the user of a profile whose email has changed', async () => {
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    await run(pipeline);
    const rename = async (from: string, to: string): Promise<void> => {
      await scenario.warehouse.query(
        `UPDATE penstock_profiles SET email = '${to}@example.com', _revision = _revision + 1 WHERE email = '${from}@example.com'`,
      );
    };
    const [id] = [...server.users].find(([, { email }]) => email === 'user11@example.com') ?? [];
    await rename('user11', 'renamed11');
    try {
      expect(await run(pipeline)).toMatchObject({ failed: NONE, added: 0, changed: 1, unchanged: USERS - 1 });
      expect(writes().at(-1)).toMatchObject({ method: 'PATCH', url: { pathname: `/users/${id}` } });
      expect(server.users.size).toBe(USERS);
    } finally {
      await rename('renamed11', 'user11');
    }
  });

  it('takes part only with those whom its mode is about', async () => {
    server.users.set('known', { id: 'known', email: 'user7@example.com', country: 'old' });
    const updating = await scenario.createDefined(connection, { ...EXPORT, exportMode: 'UpdateOnly' });
    const creating = await scenario.createDefined(connection, { ...EXPORT, exportMode: 'CreateOnly' });
    await scenario.worker(undefined, NETWORK);
    expect((await run(updating)).passed).toEqual([1, 1, 0, 1, 1, 1]);
    expect(server.users.get('known')).toMatchObject({ country: 'HX' });
    server.users.set('known', { id: 'known', email: 'user7@example.com', country: 'old' });
    expect((await run(creating)).passed[5]).toBe(USERS - 1);
    expect(server.users.get('known')).toMatchObject({ country: 'old' });
  });

  it('fails a profile that several users match, unless they are all to be updated', async () => {
    for (const id of ['a', 'b']) server.users.set(id, { id, email: 'user7@example.com', country: 'old' });
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    const ended = await run(pipeline);
    expect(ended.failed).toEqual([0, 0, 0, 0, 0, 1]);
    expect(await scenario.errorGroups(ended.id)).toMatchObject([
      { step: 'Finalize', code: 'DuplicateUsers', count: 1 },
    ]);
    const both = await scenario.createDefined(connection, { ...EXPORT, updateOnDuplicates: true });
    expect((await run(both)).failed).toEqual(NONE);
    expect([...server.users.values()].filter(({ country }) => country === 'old')).toEqual([]);
  });

  it('lets a record that the application rejects fail alone', async () => {
    server.fail(
      (response) => void response.writeHead(422).end('{}'),
      2,
      ({ method }) => method === 'POST',
    );
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    const ended = await run(pipeline);
    expect(ended).toMatchObject({ failed: [0, 0, 0, 0, 0, 2], added: USERS - 2 });
    // What was not accepted is tried again.
    expect(await run(pipeline)).toMatchObject({ failed: NONE, added: 2, unchanged: USERS - 2 });
  });

  it('tries again whom a full run could not send, though it has not changed since it was accepted', async () => {
    const pipeline = await scenario.createDefined(connection, EXPORT);
    await scenario.worker(undefined, NETWORK);
    await run(pipeline);
    server.fail(
      (response) => void response.writeHead(422).end('{}'),
      2,
      ({ method }) => method === 'PATCH',
    );
    expect(await run(pipeline, { full: true })).toMatchObject({ failed: [0, 0, 0, 0, 0, 2], changed: USERS - 2 });
    expect(await run(pipeline)).toMatchObject({ failed: NONE, added: 0, changed: 2, unchanged: USERS - 2 });
    expect(await run(pipeline)).toMatchObject({ failed: NONE, changed: 0, unchanged: USERS });
  });

  it('is refused where the pipeline removes users and the connection does not say how', async () => {
    const { delete: _, ...keeping } = settingsOf(server);
    const kept = await scenario.createConnection('http-application', keeping);
    const pipeline = await scenario.createDefined(kept, { ...EXPORT, onLeave: 'delete' });
    await scenario.worker(undefined, NETWORK);
    const ended = await scenario.runIn(await scenario.start(pipeline), 'failed');
    expect(ended).toMatchObject({ errorCode: 'DestinationRefused' });
    expect(ended.errorMessage).toContain('set its delete');
    expect(writes()).toEqual([]);
  });

  it('removes whom the filter leaves out, when the pipeline says so', async () => {
    const pipeline = await scenario.createDefined(connection, { ...EXPORT, onLeave: 'delete' }, { maxRemovedShare: 1 });
    await scenario.worker(undefined, NETWORK);
    await run(pipeline);
    const filter = { logical: 'and', conditions: [{ property: 'country', operator: 'is', values: ['HX'] }] };
    await scenario.control.query(
      'INSERT INTO pipeline_versions (pipeline_id, version, definition) VALUES ($1, 2, $2)',
      [pipeline, { ...EXPORT, onLeave: 'delete', filter }],
    );
    await scenario.control.query('UPDATE pipelines SET version = 2 WHERE id = $1', [pipeline]);
    const ended = await run(pipeline);
    expect([...server.users.values()].every(({ country }) => country === 'HX')).toBe(true);
    expect(ended).toMatchObject({ failed: NONE, removed: USERS - server.users.size });
  });
});

describe('a worker killed with SIGKILL during an export to an application', () => {
  const kills: readonly (readonly [AttemptStage, number])[] = [
    ['opened', 1],
    ['sending', 1],
    ['sending', 150],
    ['sent', 1],
    ['published', 1],
  ];

  it.each(kills)(
    'at %s (%i) loses nobody, makes nobody twice, and sends again only what was not noted',
    async (at, count) => {
      const pipeline = await scenario.createDefined(connection, EXPORT);
      const id = await scenario.start(pipeline);
      await (await scenario.worker({ signal: 'SIGKILL', at, count }, NETWORK)).ended();
      const before = writes().length;
      await scenario.worker(undefined, NETWORK);
      const ended = await scenario.runIn(id, 'succeeded');
      expect(ended).toMatchObject({ passed: ALL, failed: NONE, added: USERS, changed: 0, unchanged: 0, epoch: 2 });
      expect(server.users.size).toBe(USERS);
      expect(new Set([...server.users.values()].map(({ email }) => email)).size).toBe(USERS);
      // As many as were under way when it died, at most.
      expect(writes().length - USERS).toBeLessThanOrEqual(8);
      if (count === 150) expect(before).toBeGreaterThan(100);
    },
  );
});

describe('an export to an application that cannot say who its users are', () => {
  it('sends what is new and what has changed, each under a key of its own that stays the same when it is sent again', async () => {
    const { list: _, update: __, createdIdPointer: ___, ...webhook } = settingsOf(server);
    const hook = await scenario.createConnection('http-application', webhook);
    const pipeline = await scenario.createDefined(hook, EXPORT);
    const id = await scenario.start(pipeline);
    await (await scenario.worker({ signal: 'SIGKILL', at: 'sending', count: 50 }, NETWORK)).ended();
    await scenario.worker(undefined, NETWORK);
    expect(await scenario.runIn(id, 'succeeded')).toMatchObject({ passed: ALL, added: USERS });
    const keys = writes().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(USERS);
    const sent = writes().length;
    expect(await run(pipeline)).toMatchObject({ passed: ALL, added: 0, unchanged: USERS });
    expect(writes()).toHaveLength(sent);
    await scenario.warehouse.query(
      `UPDATE penstock_profiles SET country = 'ZZ', _revision = _revision + 1 WHERE email = 'user9@example.com'`,
    );
    expect(await run(pipeline)).toMatchObject({ added: 0, changed: 1, unchanged: USERS - 1 });
    expect(writes()).toHaveLength(sent + 1);
  });

  it('sends what has changed with the property that users are known by, and so does a full run', async () => {
    const { list: _, update: __, ...webhook } = settingsOf(server);
    const hook = await scenario.createConnection('http-application', webhook);
    const pipeline = await scenario.createDefined(hook, EXPORT);
    await scenario.worker(undefined, NETWORK);
    await run(pipeline);
    const sent = writes().length;
    await scenario.warehouse.query(
      `UPDATE penstock_profiles SET country = 'YY', _revision = _revision + 1 WHERE email = 'user9@example.com'`,
    );
    expect(await run(pipeline)).toMatchObject({ changed: 1, unchanged: USERS - 1 });
    expect(await run(pipeline, { full: true })).toMatchObject({ changed: USERS });
    const bodies = writes().map(({ text }) => JSON.parse(text));
    expect(bodies[sent]).toEqual({ email: 'user9@example.com', country: 'YY' });
    expect(new Set(bodies.slice(sent + 1).map(({ email }) => email)).size).toBe(USERS);
  });

  it('is refused where users are only to be updated', async () => {
    const { list: _, ...webhook } = settingsOf(server);
    const hook = await scenario.createConnection('http-application', webhook);
    const pipeline = await scenario.createDefined(hook, { ...EXPORT, exportMode: 'UpdateOnly' });
    await scenario.worker(undefined, NETWORK);
    const ended = await scenario.runIn(await scenario.start(pipeline), 'failed');
    expect(ended).toMatchObject({ errorCode: 'DestinationRefused' });
    expect(ended.errorMessage).toContain('list of users');
  });
});

describe('an import from an application', () => {
  it('reads all pages, counts the filter, and goes on from its cursor', async () => {
    for (let number = 1; number <= 250; number += 1) {
      const id = String(number);
      const updated = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
      server.users.set(id, { id, email: `app${id}@example.com`, country: number % 2 === 0 ? 'AT' : 'IT', updated });
    }
    const definition: ApplicationImportDefinition = {
      kind: 'import-from-application',
      filter: { logical: 'and', conditions: [{ property: 'country', operator: 'is', values: ['IT'] }] },
      inSchema: USER_SCHEMA,
      outSchema: profileProperties('email', 'country'),
      transformation: { mapping: { email: 'email', country: 'country' } },
    };
    const pipeline = await scenario.createDefined(connection, definition, { incremental: true, cursorOverlapMs: 0 });
    await scenario.worker(undefined, NETWORK);
    const first = await run(pipeline);
    expect(first).toMatchObject({ passed: [250, 250, 125, 125, 125, 125], failed: [0, 0, 125, 0, 0, 0], added: 125 });
    server.users.set('251', { id: '251', email: 'new@example.com', country: 'IT', updated: '2026-02-01T00:00:00Z' });
    const second = await run(pipeline);
    expect(second).toMatchObject({ added: 1, removed: 0 });
    expect(second.passed[0]).toBeLessThan(5);
  });
});
