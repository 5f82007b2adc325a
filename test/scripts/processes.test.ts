import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBackOff } from '../../scripts/processes/back-off.mjs';
import {
  processesWithArgument,
  processesWithEnvironment,
  processesWorkingBelow,
} from '../../scripts/processes/find-processes.mjs';
import { identifyProcess, isRunning } from '../../scripts/processes/identity.mjs';
import { keepRunning } from '../../scripts/processes/keep-running.mjs';
import { acquireLock, withLock } from '../../scripts/processes/lock.mjs';
import { boundLogFile, openLogFile } from '../../scripts/processes/log-file.mjs';
import { runCommand } from '../../scripts/processes/run-command.mjs';
import { stopProcess } from '../../scripts/processes/stop-process.mjs';
import { waitUntil } from '../../scripts/processes/wait-until.mjs';
import { endProgram, nextLine, runProgram, temporaryDirectory } from './fixtures.js';

const FOREVER = 'console.log("ready"); setInterval(() => {}, 1000);';
const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER}`;
const SIGNALS = [
  { signal: 'SIGTERM', graceMs: 300 },
  { signal: 'SIGKILL', graceMs: 5_000 },
] as const;

async function runForever(source = FOREVER, env = process.env) {
  const program = await runProgram(source, [], env);
  await nextLine(program);
  const identity = await identifyProcess(program.child.pid ?? 0);
  return { ...program, pid: program.child.pid ?? 0, identity };
}

describe('the identity of a process', () => {
  test('is the same for as long as it runs, and gone with it', async () => {
    const { child, pid, identity } = await runForever();
    expect(await identifyProcess(pid)).toEqual(identity);
    expect(await isRunning(identity)).toBe(true);
    await endProgram(child);
    expect(await isRunning(identity)).toBe(false);
  });

  test('differs from that of another process with the same pid', async () => {
    const { pid, identity } = await runForever();
    expect(await isRunning({ pid, startedAt: `${identity?.startedAt}0` })).toBe(false);
  });

  test('of a zombie is none', async () => {
    // The shell starts a child, becomes a program that never collects it, and the child ends.
    const shell = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => endProgram(shell));
    const pid = Number(await new Promise((resolve) => shell.stdout.once('data', resolve)));
    const gone = async () => (await identifyProcess(pid)) === null;
    await waitUntil(gone, { timeoutMs: 5_000, what: 'the end of the child' });
    if (process.platform === 'linux') expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
  });
});

describe('stopping a process', () => {
  test('goes on to the next signal when the first one is ignored', async () => {
    const { identity, child } = await runForever(STUBBORN);
    expect(await stopProcess(identity, { signals: SIGNALS })).toBe(true);
    expect(child.signalCode ?? (await new Promise((resolve) => child.once('exit', (_, by) => resolve(by))))).toBe(
      'SIGKILL',
    );
  });

  test('leaves a process alone that only has the pid', async () => {
    const { pid, identity } = await runForever();
    expect(await stopProcess({ pid, startedAt: 'earlier' }, { signals: SIGNALS })).toBe(false);
    expect(await isRunning(identity)).toBe(true);
  });
});

describe('finding processes', () => {
  test('by the directory in which they work, by name', async () => {
    const directory = await temporaryDirectory();
    const child = spawn('sleep', ['60'], { cwd: directory });
    onTestFinished(() => endProgram(child));
    expect(await processesWorkingBelow(path.dirname(directory), ['sleep'])).toContain(child.pid);
    expect(await processesWorkingBelow(directory, ['postgres'])).toEqual([]);
    expect(await processesWorkingBelow(`${directory}-other`, ['sleep'])).toEqual([]);
  });

  test('by an argument', async () => {
    const child = spawn('sleep', ['61.25']);
    onTestFinished(() => endProgram(child));
    expect(await processesWithArgument('61.25', ['sleep'])).toEqual([child.pid]);
    expect(await processesWithArgument('61.25', ['node'])).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('by an inherited environment variable', async () => {
    const { pid } = await runForever(FOREVER, { ...process.env, SCRIPTS_TEST: 'one' });
    expect(await processesWithEnvironment('SCRIPTS_TEST', 'one')).toEqual([pid]);
    expect(await processesWithEnvironment('SCRIPTS_TEST', 'on')).toEqual([]);
  });
});

describe('a lock', () => {
  const HOLD = `const { acquireLock } = await import(process.argv[1] + 'processes/lock.mjs');
    await acquireLock(process.argv[2], { timeoutMs: 5000, what: 'lock' }); ${FOREVER}`;

  test('has one holder at a time', async () => {
    const file = path.join(await temporaryDirectory(), 'lock');
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(file, { timeoutMs: 10_000, what: 'lock' }, async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  test('of a living process is respected, of a killed one is free', async () => {
    const file = path.join(await temporaryDirectory(), 'lock');
    const holder = await runProgram(HOLD, [file]);
    await nextLine(holder);
    await expect(acquireLock(file, { timeoutMs: 300, what: 'waiting' })).rejects.toThrow('waiting: not within');
    await endProgram(holder.child);
    const release = await acquireLock(file, { timeoutMs: 2_000, what: 'waiting' });
    await release();
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test('that a power failure has emptied is free', async () => {
    const file = path.join(await temporaryDirectory(), 'lock');
    await writeFile(file, '');
    await acquireLock(file, { timeoutMs: 2_000, what: 'waiting' });
    expect(await readFile(file, 'utf8')).toContain(String(process.pid));
  });
});

describe('keeping something running', () => {
  const start = async () => {
    const child = spawn('sleep', ['60']);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const pid = child.pid ?? 0;
    const stop = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    return { pid, ended, stop };
  };

  test('starts it again when it is killed, and not any more when it is stopped', async () => {
    const pids: number[] = [];
    const kept = await keepRunning({
      name: 'it',
      start,
      report: () => {},
      onStart: async ({ pid }) => void pids.push(pid),
    });
    process.kill(kept.first.pid, 'SIGKILL');
    await waitUntil(() => pids.length === 2, { timeoutMs: 5_000, what: 'a second start' });
    expect(kept.restarts()).toBe(1);
    expect(await identifyProcess(pids[1] ?? 0)).not.toBeNull();
    await kept.stop();
    await kept.stop();
    expect(await Promise.all(pids.map(identifyProcess))).toEqual([null, null]);
    expect(pids).toHaveLength(2);
  });

  test('waits longer each time, and from the beginning once it has run for a while', () => {
    const backOff = createBackOff();
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => backOff.next(10))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    expect(backOff.next(60_000)).toBe(500);
  });
});

describe('running a command', () => {
  test('returns what it printed; a failure says what, how it ended, and its last words', async () => {
    expect(await runCommand(['sh', '-c', 'echo one; echo two >&2'])).toBe('one\ntwo\n');
    await expect(runCommand(['sh', '-c', 'echo why >&2; exit 3'])).rejects.toThrow(/^sh -c .* ended with 3\nwhy$/);
    await expect(runCommand(['/does/not/exist'])).rejects.toThrow('ENOENT');
  });

  test('that is interrupted returns when it is gone, however it resists', async () => {
    const interruption = new AbortController();
    const directory = await temporaryDirectory();
    const script = 'trap "" TERM; echo $$ > pid; while :; do sleep 0.1; done';
    const running = runCommand(['sh', '-c', script], { cwd: directory, signal: interruption.signal });
    const read = () =>
      readFile(path.join(directory, 'pid'), 'utf8').then(
        (text) => Number(text) || undefined,
        () => undefined,
      );
    const pid = await waitUntil(read, { timeoutMs: 5_000, what: 'the pid' });
    interruption.abort(new Error('interrupted'));
    await expect(running).rejects.toThrow('interrupted');
    expect(await identifyProcess(pid)).toBeNull();
  });
});

describe('a log file', () => {
  test('keeps what the last start wrote, and stays below its limit while it is written', async () => {
    const file = path.join(await temporaryDirectory(), 'api.log');
    await writeFile(file, 'the last start\n');
    const log = await openLogFile(file);
    onTestFinished(() => log.close());
    expect(await readFile(`${file}.1`, 'utf8')).toBe('the last start\n');

    await log.write('one\n'.repeat(100));
    await boundLogFile(file, 100);
    await log.write('two\n');
    expect(await readFile(file, 'utf8')).toBe('two\n');
    expect(await readFile(`${file}.1`, 'utf8')).toBe('one\n'.repeat(100));
  });
});
