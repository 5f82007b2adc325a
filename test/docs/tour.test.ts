import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateApiKey } from '@penstock/domain';
import { createTestRedis } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiProcess } from '../../apps/api/test/support/api-process.js';
import { WorkerProcess } from '../../apps/worker/test/support/worker-process.js';
import { ensureDemo } from '../../scripts/demo/create-demo.mjs';
import { migrate } from '../../scripts/migrate.mjs';
import { startPostgres } from '../../scripts/services/postgres.mjs';
import { codeBlocks } from './support/documents.js';
import { readText } from './support/repository.js';

const README = readText('README.md');
const tour = README.slice(README.indexOf('<!-- tour -->'), README.indexOf('<!-- /tour -->'));
const commands = codeBlocks(tour).flatMap(({ language, text }) => (language === 'sh' ? [text] : []));
const example = JSON.parse(codeBlocks(tour).find(({ language }) => language === 'json')?.text ?? 'null');

/** The tour is for a shell with curl; where there is none, nobody can take it. */
const hasCurl = spawnSync('curl', ['--version']).status === 0 && spawnSync('sh', ['-c', ':']).status === 0;

describe.runIf(hasCurl)('the tour of the README', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let directory: string;
  let answers: string[];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'tour-'));
    closing.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    await startPenstock();
    const { output, code } = await run(['set -eu', ...commands].join('\n'));
    expect([code, output]).toEqual([0, expect.anything()]);
    answers = output.split('\n').filter((line) => line.startsWith('{'));
  }, 180_000);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** What `npm start` provides: services, processes, the demo, and `.data/demo.json`. */
  async function startPenstock(): Promise<void> {
    const postgres = await startPostgres({ directory, settings: { fsync: 'off' } });
    closing.push(postgres.stop);
    const controlUrl = postgres.url.replace(/\/postgres$/, '/penstock');
    await migrate(controlUrl);
    const redis = createTestRedis();
    closing.push(redis.close);
    const adminKey = generateApiKey();
    const env = {
      DATABASE_URL: controlUrl,
      REDIS_URL: redis.url,
      PENSTOCK_REDIS_PREFIX: redis.prefix,
      PENSTOCK_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      PENSTOCK_ADMIN_KEY: adminKey,
      LOG_LEVEL: 'info',
      FILESYSTEM_ROOT: path.join(directory, 'files'),
    };
    const api = await ApiProcess.start(env);
    closing.push(() => api.kill());
    const worker = new WorkerProcess(env);
    closing.push(() => worker.kill());
    await worker.ready();
    await writeDemo(api.url, adminKey, postgres.url);
  }

  async function writeDemo(url: string, adminKey: string, serverUrl: string): Promise<void> {
    const state = {
      current: { url, adminKey },
      update: async (change: object) => void Object.assign(state.current, change),
    };
    const waiting = { signal: new AbortController().signal, check: async () => {} };
    await ensureDemo(state, { serverUrl, filesRoot: path.join(directory, 'files') }, waiting);
    await mkdir(path.join(directory, '.data'));
    await writeFile(path.join(directory, '.data', 'demo.json'), JSON.stringify(state.current));
  }

  async function run(script: string): Promise<{ output: string; code: number | null }> {
    const child = spawn('sh', ['-c', script], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { output, code };
  }

  it('gets no error', () => {
    expect(answers.length).toBeGreaterThan(8);
    expect(answers.filter((answer) => answer.includes('"error":{'))).toEqual([]);
  });

  it('shows a run as the README does', () => {
    const shown = answers.map((answer) => JSON.parse(answer)).find((answer) => 'passed' in answer);
    expect(Object.keys(shown)).toEqual(Object.keys(example));
    const { passed, failed, error } = shown;
    expect({ passed, failed, error }).toEqual({ passed: example.passed, failed: example.failed, error: example.error });
    expect(README).toContain(`of whom ${failed.reduce((sum: number, count: number) => sum + count, 0)} fail`);
  });

  it('imports from nothing: a workspace, a connection and a pipeline of its own', () => {
    const [ended, identities] = answers.slice(-2).map((answer) => JSON.parse(answer));
    expect(ended).toMatchObject({ status: 'succeeded', incremental: true, removed: 0 });
    expect(identities.total).toBe(ended.added);
    expect(identities.identities[0].attributes.name).toMatch(/^\w+ \w+$/);
  });
});
