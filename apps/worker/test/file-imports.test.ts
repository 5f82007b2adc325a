import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FileImportDefinition } from '@penstock/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';

const WRITTEN = new Date('2026-02-03T04:05:06.000Z');

let scenario: Scenario;
let root: string;
let connection: number;

beforeAll(async () => {
  scenario = await Scenario.create();
  root = await mkdtemp(path.join(tmpdir(), 'penstock-files-'));
  connection = await scenario.createConnection('filesystem', {});
  await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
});
beforeEach(async () => {
  for (const entry of await readdir(root)) await rm(path.join(root, entry), { recursive: true });
});
afterAll(async () => {
  await scenario.dispose();
  await rm(root, { recursive: true });
});

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), content);
  await utimes(path.join(root, file), WRITTEN, WRITTEN);
}

const create = (definition: Partial<FileImportDefinition> = {}, incremental = false) =>
  scenario.createFilePipeline({ connection, definition, incremental, cursorOverlapMs: 0, maxRemovedShare: 1 });
const runOnce = async (pipeline: number) => scenario.runIn(await scenario.start(pipeline));
const emails = async (pipeline: number) =>
  (await scenario.identities(pipeline)).map(({ _user_id, email }) => [_user_id, email]);

const times = async (pipeline: number) => (await scenario.identities(pipeline)).map(({ _updated_at }) => _updated_at);

const property = (name: string, type: object, flags: object = {}) => ({ name, type, ...flags, description: '' });
const schema = (...properties: object[]) => ({ kind: 'object', properties });
const TEXT = { kind: 'string' };
const JSON_TYPE = { kind: 'json' };
const WITH_TIME: Partial<FileImportDefinition> = {
  inSchema: schema(property('id', TEXT), property('email', TEXT), property('at', TEXT)),
  updatedAtColumn: 'at',
  updatedAtFormat: 'ISO8601',
};

describe('an import of a file', () => {
  it('counts all six steps, and gives records the time of their file', async () => {
    await write('users.csv', 'id,email,plan\nu1,a@x.org,gold\nu2,b@x.org,free\nu3,c@x.org,gold\n');
    const filter = {
      logical: 'and' as const,
      conditions: [{ property: 'plan', operator: 'is' as const, values: ['gold'] }],
    };
    const inSchema = schema(property('id', TEXT), property('email', TEXT), property('plan', TEXT));
    const pipeline = await create({ filter, inSchema });
    expect(await runOnce(pipeline)).toMatchObject({
      ...{ status: 'succeeded', added: 2, passed: [3, 3, 2, 2, 2, 2], failed: [0, 0, 1, 0, 0, 0] },
    });
    expect(await scenario.identities(pipeline)).toMatchObject([
      { _user_id: 'u1', email: 'a@x.org', _updated_at: '2026-02-03 04:05:06' },
      { _user_id: 'u3', email: 'c@x.org' },
    ]);
  });

  it('counts every record at Filter also without one', async () => {
    await write('users.csv', 'id,email\nu1,a@x.org\n');
    expect(await runOnce(await create())).toMatchObject({ passed: [1, 1, 1, 1, 1, 1] });
  });

  it('changes nothing when only the time of the file is another', async () => {
    await write('users.csv', 'id,email\nu1,a@x.org\n');
    const pipeline = await create();
    await runOnce(pipeline);
    await utimes(path.join(root, 'users.csv'), new Date(), new Date());
    expect(await runOnce(pipeline)).toMatchObject({ unchanged: 1, changed: 0, removed: 0 });
  });

  it('removes in full who is no longer in the file', async () => {
    await write('users.csv', 'id,email\nu1,a@x.org\nu2,b@x.org\n');
    const pipeline = await create();
    await runOnce(pipeline);
    await write('users.csv', 'id,email\nu2,b@x.org\n');
    expect(await runOnce(pipeline)).toMatchObject({ removed: 1, unchanged: 1 });
  });

  it('fails a ragged record at Receive, shows it with its line, and removes nobody because of it', async () => {
    await write('users.csv', 'id,email\nu1,a@x.org\nu2,b@x.org\n');
    const pipeline = await create();
    await runOnce(pipeline);
    await write('users.csv', 'id,email\nu1,a@x.org\nu2,b@x.org,more\n');
    const run = await runOnce(pipeline);
    expect(run).toMatchObject({
      status: 'succeeded',
      passed: [1, 1, 1, 1, 1, 1],
      failed: [1, 0, 0, 0, 0, 0],
      removed: 0,
    });
    expect(run.notice).toMatch(/1 failed records have no identifier/);
    expect(await scenario.errorGroups(run.id)).toMatchObject([{ step: 'Receive', code: 'RaggedRecord', count: 1 }]);
  });

  it('reads the files that a pattern matches as one', async () => {
    await write('2026/a.csv', 'id,email\nu1,a@x.org\n');
    await write('2026/b.csv', 'email,id,more\nb@x.org,u2,x\n');
    await write('2025/c.csv', 'id,email\nu3,c@x.org\n');
    const pipeline = await create({ path: '2026/*.csv' });
    expect(await runOnce(pipeline)).toMatchObject({ added: 2 });
    expect(await emails(pipeline)).toEqual([
      ['u1', 'a@x.org'],
      ['u2', 'b@x.org'],
    ]);
  });
});

describe('an incremental import of a file', () => {
  it('looks only at records from the cursor on, and removes nobody', async () => {
    await write('users.csv', 'id,email,at\nu1,a@x.org,2026-01-01T00:00:00Z\nu2,b@x.org,2026-01-02T00:00:00Z\n');
    const pipeline = await create(WITH_TIME, true);
    expect(await runOnce(pipeline)).toMatchObject({ added: 2 });
    await write('users.csv', 'id,email,at\nu1,ignored,2026-01-01T00:00:00Z\nu3,c@x.org,2026-01-02T00:00:00Z\n');
    expect(await runOnce(pipeline)).toMatchObject({ added: 1, removed: 0, passed: [1, 1, 1, 1, 1, 1] });
    expect(await emails(pipeline)).toEqual([
      ['u1', 'a@x.org'],
      ['u2', 'b@x.org'],
      ['u3', 'c@x.org'],
    ]);
    const [row] = await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline]);
    expect(row).toEqual({ cursor: '2026-01-02 00:00:00' });
  });

  it('reads the serial numbers of spreadsheets', async () => {
    await write('users.csv', 'id,email,at\nu1,a@x.org,45000.5\n');
    const pipeline = await create({ ...WITH_TIME, updatedAtFormat: 'Excel' }, true);
    await runOnce(pipeline);
    expect(await scenario.identities(pipeline)).toMatchObject([{ _updated_at: '2023-03-15 12:00:00' }]);
  });

  it.each([
    ['lacks it', '{"id": "u2", "email": "b@x.org"}'],
    ['has null', '{"id": "u2", "email": "b@x.org", "at": null}'],
    ['has an empty text', '{"id": "u2", "email": "b@x.org", "at": ""}'],
  ])('gives a record that %s in place of a time that of its file, which moves no cursor', async (_what, second) => {
    await write('users.json', `{"id": "u1", "email": "a@x.org", "at": "2026-01-01T00:00:00Z"}\n${second}\n`);
    const at = property('at', JSON_TYPE, { readOptional: true });
    const inSchema = schema(property('id', JSON_TYPE), property('email', JSON_TYPE), at);
    const pipeline = await create({ ...WITH_TIME, format: 'json', path: 'users.json', inSchema }, true);
    await runOnce(pipeline);
    expect(await times(pipeline)).toEqual(['2026-01-01 00:00:00', '2026-02-03 04:05:06']);
    const [row] = await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline]);
    expect(row).toEqual({ cursor: '2026-01-01 00:00:00' });
  });

  it('takes an empty field for no time, and fails what is none', async () => {
    await write('users.csv', 'id,email,at\nu1,a@x.org,\nu2,b@x.org,yesterday\n');
    const pipeline = await create(WITH_TIME, true);
    const run = await runOnce(pipeline);
    expect(run).toMatchObject({ added: 1, failed: [1, 0, 0, 0, 0, 0] });
    expect(await scenario.errorGroups(run.id)).toMatchObject([{ code: 'UpdateTime', keys: ['u2'] }]);
    expect(await times(pipeline)).toEqual(['2026-02-03 04:05:06']);
  });

  it('takes a file of the future for as new as the run, in every run', async () => {
    await write('users.csv', 'id,email\nu1,a@x.org\n');
    await utimes(path.join(root, 'users.csv'), new Date('2100-01-01'), new Date('2100-01-01'));
    const pipeline = await create();
    const { startTime } = await runOnce(pipeline);
    expect(await times(pipeline)).toEqual([
      startTime
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/, ''),
    ]);
    expect(await runOnce(pipeline)).toMatchObject({ unchanged: 1, changed: 0 });
  });
});

describe('a file that cannot be read to its end', () => {
  const many = `id,email\n${Array.from({ length: 20_000 }, (_, i) => `u${i},user${i}@x.org`).join('\n')}\n`;

  it.each([
    ['is cut off', gzipSync(many).subarray(0, 40_000), 'Gzip', 'InvalidFile', /users\.csv.*gzip data ends/],
    ['is not compressed', Buffer.from(many), 'Gzip', 'InvalidFile', /users\.csv.*not gzip/],
    ['has an open quote', Buffer.from(`${many}u,"never closed\n`), null, 'InvalidFile', /users\.csv.*line 20002/],
    ['is empty', Buffer.alloc(0), null, 'NoColumnsFound', /users\.csv.*no columns/],
    [
      'lacks a column',
      Buffer.from('id,mail\nu,x\n'),
      null,
      'SchemaDrift',
      /^file "users\.csv" no longer has the column "email"; review/,
    ],
  ] as const)(
    'because it %s ends the run with an error, and changes nothing',
    async (_what, content, compression, code, message) => {
      await write('users.csv', content);
      const pipeline = await create({ compression });
      const run = await runOnce(pipeline);
      expect(run).toMatchObject({ status: 'failed', errorCode: code, errorMessage: expect.stringMatching(message) });
      expect(await scenario.identities(pipeline)).toEqual([]);
    },
  );

  it('because it is not there says so', async () => {
    const run = await runOnce(await create({ path: 'elsewhere/users.csv' }));
    expect(run).toMatchObject({
      status: 'failed',
      errorCode: 'SourceRefused',
      errorMessage: expect.stringMatching(/elsewhere\/users\.csv/),
    });
  });
});

describe('a worker that is killed while it reads a file', () => {
  it('is followed by another one, with the same end', async () => {
    await scenario.killWorkers();
    await write(
      'users.csv',
      `id,email\n${Array.from({ length: 5_000 }, (_, i) => `u${i},user${i}@x.org`).join('\n')}\n`,
    );
    const pipeline = await create();
    const doomed = await scenario.worker({ signal: 'SIGKILL', at: 'staging', count: 3 }, { FILESYSTEM_ROOT: root });
    const run = await scenario.start(pipeline);
    await doomed.ended();
    await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
    expect(await scenario.runIn(run)).toMatchObject({ status: 'succeeded', added: 5_000, epoch: 2, lostAttempts: 1 });
  });
});
