import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileExportDefinition } from '@penstock/domain';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptStage } from '../src/runtime/attempt.js';
import { profileProperties, Scenario } from './support/scenario.js';

const USERS = 12_000;

let scenario: Scenario;
let files: number;
let root: string;

beforeAll(async () => {
  scenario = await Scenario.withProfiles(USERS);
  files = await scenario.createConnection('filesystem', {});
  root = await mkdtemp(path.join(tmpdir(), 'penstock-exports-'));
});
afterEach(() => scenario.killWorkers());
afterAll(async () => {
  await scenario.dispose();
  await rm(root, { recursive: true });
});

const FILE_EXPORT: FileExportDefinition = {
  kind: 'export-to-file',
  ...{ format: 'csv', path: 'people.csv', sheet: null, compression: null, formatSettings: {} },
  ...{ orderBy: 'email', filter: null, inSchema: profileProperties('email', 'country', 'logins') },
};

async function run(pipeline: number) {
  return scenario.runIn(await scenario.start(pipeline), 'succeeded');
}

describe('an export to a file', () => {
  async function exported(name: string): Promise<string[]> {
    return (await readFile(path.join(root, name), 'utf8')).trimEnd().split('\n');
  }

  it('writes all profiles in their order, and is all or nothing at Finalize', async () => {
    const pipeline = await scenario.createDefined(files, FILE_EXPORT);
    await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
    const ended = await run(pipeline);
    expect(ended).toMatchObject({ passed: [USERS, USERS, 0, 0, 0, USERS], failed: [0, 0, 0, 0, 0, 0], added: USERS });
    const [header, ...lines] = await exported('people.csv');
    expect(header).toBe('email,country,logins');
    expect(lines).toHaveLength(USERS);
    const emails = lines.map((line) => line.split(',')[0] ?? '');
    expect(emails).toEqual(emails.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  const stages: readonly AttemptStage[] = ['opened', 'staging', 'staged', 'sent', 'published'];

  it.each(stages)(
    'is never seen in part: a worker killed at %s leaves the previous file, and the next one replaces it',
    async (stage) => {
      const name = `killed-${stage}.csv`;
      const pipeline = await scenario.createDefined(files, { ...FILE_EXPORT, path: name });
      await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
      await run(pipeline);
      await scenario.killWorkers();
      const before = await exported(name);
      const id = await scenario.start(pipeline);
      const fault = { signal: 'SIGKILL', at: stage, count: stage === 'staging' ? 5 : 1 } as const;
      await (await scenario.worker(fault, { FILESYSTEM_ROOT: root })).ended();
      expect(await exported(name)).toEqual(before);
      await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
      expect(await scenario.runIn(id, 'succeeded')).toMatchObject({
        passed: [USERS, USERS, 0, 0, 0, USERS],
        added: USERS,
      });
      expect(await exported(name)).toEqual(before);
      expect((await readdir(root)).filter((file) => file.startsWith('.'))).toEqual([]);
    },
  );

  it('cannot be replaced by a worker that stood still and was taken over', async () => {
    const pipeline = await scenario.createDefined(files, { ...FILE_EXPORT, path: 'frozen.csv' });
    const id = await scenario.start(pipeline);
    const frozen = await scenario.worker({ signal: 'SIGSTOP', at: 'staged' }, { FILESYSTEM_ROOT: root });
    await frozen.halted();
    await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
    await scenario.runIn(id, 'succeeded');
    await rm(path.join(root, 'frozen.csv'));
    frozen.signal('SIGCONT');
    await frozen.passed('settled', id);
    expect(await readdir(root)).not.toContain('frozen.csv');
  });

  it('fails, and says which file to remove, when there is what a later run has left that nobody knows of', async () => {
    const directory = path.join(root, 'restored');
    await mkdir(directory);
    const pipeline = await scenario.createDefined(files, { ...FILE_EXPORT, path: 'restored/people.csv' });
    const leftover = `.penstock-${pipeline}-999999999-1.tmp`;
    await writeFile(path.join(directory, leftover), '');
    await scenario.worker(undefined, { FILESYSTEM_ROOT: root });
    const id = await scenario.start(pipeline);
    expect(await scenario.runIn(id, 'failed')).toMatchObject({
      ...{ epoch: 1, errorCode: 'DestinationRefused', errorStep: 'Finalize' },
      errorMessage: expect.stringContaining(leftover),
    });
    expect(await readdir(directory)).toEqual([leftover]);
    await rm(path.join(directory, leftover));
    await run(pipeline);
    expect(await readdir(directory)).toEqual(['people.csv']);
  });
});
