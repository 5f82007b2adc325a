import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { identifyProcess } from '../../scripts/processes/identity.mjs';
import { waitUntil } from '../../scripts/processes/wait-until.mjs';
import { endProgram, temporaryDirectory } from './fixtures.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Demo {
  readonly url: string;
  readonly apiKey: string;
  readonly pipeline: number;
  readonly apiPid: number | null;
  readonly workerPids: readonly number[];
}

/** `npm start` on a data directory of its own, with a PostgreSQL and a Redis of its own. */
async function start(directory: string) {
  const { DATABASE_URL: _, REDIS_URL: __, PORT: ___, ...env } = process.env;
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: { ...env, PENSTOCK_DATA_DIR: directory, WORKERS: '2' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  onTestFinished(async () => void (await stop(child)));
  await waitUntil(() => output.includes('Penstock is running.') || child.exitCode !== null, {
    timeoutMs: 120_000,
    what: 'the start',
  });
  return { child, output: () => output };
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  return child.exitCode;
}

async function readDemo(directory: string): Promise<Demo> {
  return JSON.parse(await readFile(path.join(directory, 'demo.json'), 'utf8'));
}

async function documentedRuns({ url, apiKey }: Demo): Promise<unknown[]> {
  const response = await fetch(`${url}/v1/pipelines/runs`, { headers: { authorization: `Bearer ${apiKey}` } });
  const { runs } = (await response.json()) as { runs: unknown[] };
  return runs;
}

async function alive(pids: readonly (number | null)[]): Promise<boolean[]> {
  return Promise.all(pids.map(async (pid) => (await identifyProcess(pid ?? 0)) !== null));
}

test('npm start shows a working demo, repairs itself, survives a kill with its data, and stops everything', {
  timeout: 300_000,
}, async () => {
  const directory = await temporaryDirectory();
  const first = await start(directory);
  expect(first.output()).toContain('24,956 added');
  expect((await lstat(path.join(directory, 'demo.json'))).mode & 0o777).toBe(0o600);
  const demo = await readDemo(directory);
  expect(Object.keys(demo).sort()).toEqual(
    [
      ...['adminKey', 'apiKey', 'apiPid', 'connection', 'customersConnection', 'customersPipeline', 'databaseUrl'],
      ...[
        'destinationUrl',
        'fileConnection',
        'filePipeline',
        'filesRoot',
        'newsletterConnection',
        'newsletterPipeline',
      ],
      ...['pipeline', 'profilesReady', 'redisUrl', 'sourceUrl', 'url', 'warehouseUrl', 'workerPids', 'workspace'],
    ].sort(),
  );
  const runs = await documentedRuns(demo);
  expect(runs).toHaveLength(4);
  expect(runs.at(-1)).toEqual(
    expect.objectContaining({ pipeline: demo.pipeline, error: '', passed: expect.arrayContaining([24_956]) }),
  );
  // People whom both sources know are one profile; each profile is in the table and in the file.
  const profiles = /([\d,]+) profiles: /.exec(first.output())?.[1] ?? 'none';
  expect(first.output()).toContain(`table customers: ${profiles} added`);
  const lines = (await readFile(path.join(directory, 'files', 'penstock-demo', 'profiles.csv'), 'utf8'))
    .trimEnd()
    .split('\n');
  expect((lines.length - 1).toLocaleString('en-US')).toBe(profiles);

  // A second one on the same data is refused.
  const second = await start(directory);
  expect(second.child.exitCode).toBe(1);

  // A worker that is killed is replaced, and so is the pid in the file.
  const [victim = 0, other] = demo.workerPids;
  process.kill(victim, 'SIGKILL');
  const replaced = await waitUntil(
    async () => {
      const { workerPids } = await readDemo(directory);
      return workerPids.includes(victim) ? undefined : workerPids;
    },
    { timeoutMs: 10_000, what: 'another worker' },
  );
  expect(replaced).toContain(other);
  expect(await alive(replaced)).toEqual([true, true]);

  // Killed, it leaves everything running; the next one cleans up and goes on with the same data.
  await endProgram(first.child);
  const left = [demo.apiPid, ...replaced];
  expect(await alive(left)).toEqual([true, true, true]);
  const third = await start(directory);
  expect(third.output()).toContain('cleaned up');
  expect(third.output()).toContain('24,956 unchanged');
  expect(await alive(left)).toEqual([false, false, false]);
  const again = await readDemo(directory);
  expect(again.pipeline).toBe(demo.pipeline);
  expect(await documentedRuns(again)).toHaveLength(8);

  expect(await stop(third.child)).toBe(0);
  expect(await alive([again.apiPid, ...again.workerPids])).toEqual([false, false, false]);
  expect(await readDemo(directory)).toMatchObject({ apiPid: null, workerPids: [] });
});
