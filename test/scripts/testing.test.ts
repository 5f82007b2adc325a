import { once } from 'node:events';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { identifyProcess } from '../../scripts/processes/identity.mjs';
import { createRunDirectory, RUN_VARIABLE, removeAbandonedRuns } from '../../scripts/testing/run-directory.mjs';
import { summarize } from '../../scripts/testing/summary.mjs';
import { nextLine, runProgram, temporaryDirectory } from './fixtures.js';

/** A run of the tests with servers and with a process that they started. Prints what there is. */
const RUN = `
  import { spawn } from 'node:child_process';
  import path from 'node:path';
  const scripts = process.argv[1];
  const { createRunDirectory, RUN_VARIABLE } = await import(scripts + 'testing/run-directory.mjs');
  const { startPostgres } = await import(scripts + 'services/postgres.mjs');
  const { startRedis } = await import(scripts + 'services/redis.mjs');
  const { id, directory } = await createRunDirectory(process.argv[2], { records: process.argv[3] });
  const postgres = await startPostgres({ directory, settings: { fsync: 'off' } });
  const redis = await startRedis({ directory: path.join(directory, 'of-a-test'), persistent: false });
  const env = { ...process.env, [RUN_VARIABLE]: id };
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { detached: true, env });
  console.log(JSON.stringify({ directory, pids: [postgres.pid, redis.pid, child.pid] }));
  setInterval(() => {}, 1000);`;

async function startRun() {
  const base = await temporaryDirectory();
  const records = path.join(base, 'records');
  const program = await runProgram(RUN, [base, records]);
  const { directory, pids } = JSON.parse(await nextLine(program));
  const running = async () => (await Promise.all(pids.map(identifyProcess))).map((one) => one !== null);
  return { ...program, records, directory: String(directory), running };
}

describe('a run of the tests', () => {
  test('that was killed is cleaned up by the next one: processes, directory and record', async () => {
    const run = await startRun();
    const exit = once(run.child, 'exit');
    run.child.kill('SIGKILL');
    await exit;
    expect(await run.running()).toEqual([true, true, true]);
    expect(await removeAbandonedRuns({ records: run.records })).toBe(1);
    expect(await run.running()).toEqual([false, false, false]);
    await expect(access(run.directory)).rejects.toThrow('ENOENT');
    expect(await readdir(run.records)).toEqual([]);
  });

  test('that goes on is left alone', async () => {
    const run = await startRun();
    expect(await removeAbandonedRuns({ records: run.records })).toBe(0);
    expect(await run.running()).toEqual([true, true, true]);
    run.child.kill('SIGKILL');
    await once(run.child, 'exit');
    await removeAbandonedRuns({ records: run.records });
  });

  test('removes its directory at its end', async () => {
    const base = await temporaryDirectory();
    const { directory, id, remove } = await createRunDirectory(base, { records: path.join(base, 'records') });
    expect(process.env[RUN_VARIABLE]).not.toBe(id);
    await remove();
    await expect(access(directory)).rejects.toThrow('ENOENT');
  });
});

describe('the line at the end', () => {
  const report = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

  test('counts', () => {
    expect(summarize(report, 0)).toBe('12 passed, 0 failed');
    expect(summarize({ ...report, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }, 1)).toBe(
      '12 passed, 2 failed, 2 skipped',
    );
  });

  test('counts a file that could not be loaded, and whatever else went wrong', () => {
    const broken = { ...report, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(summarize(broken, 1)).toBe('12 passed, 1 failed');
    expect(summarize(report, 1)).toBe('12 passed, 1 failed');
    expect(summarize(undefined, 1)).toBe('0 passed, 1 failed');
  });
});
