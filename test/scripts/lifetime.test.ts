import { once } from 'node:events';
import { expect, test } from 'vitest';
import { nextLine, runProgram } from './fixtures.js';

/** Starts two things one after the other and waits for its end. */
const PROGRAM = `
  const { withLifetime, untilAborted } = await import(process.argv[1] + 'processes/lifetime.mjs');
  const outcome = await withLifetime(async (lifetime) => {
    lifetime.defer('first', async () => console.log('first stopped'));
    lifetime.defer('broken', async () => { throw new Error('no'); });
    lifetime.defer('second', async () => console.log('second stopped'));
    console.log('ready');
    if (process.argv[2] === 'fail') throw new Error('failed');
    const timer = setInterval(() => {}, 1000);
    await untilAborted(lifetime.signal);
    lifetime.defer('late', async () => console.log('late stopped'));
    clearInterval(timer);
  }, { report: (line) => console.log(line.trim()) }).catch((error) => error.message);
  console.log(JSON.stringify(outcome));`;

async function remaining(lines: AsyncIterableIterator<string>): Promise<string[]> {
  const all = [];
  for await (const line of lines) all.push(line);
  return all;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops everything in reverse order, and what is added late',
  async (signal) => {
    const program = await runProgram(PROGRAM);
    await nextLine(program);
    program.child.kill(signal);
    const lines = await remaining(program.lines);
    expect(lines.filter((line) => line.endsWith('stopped') && !line.startsWith('late'))).toEqual([
      'second stopped',
      'first stopped',
    ]);
    expect(lines).toContain('late stopped');
    expect(lines).toContain('broken could not be stopped: no');
    expect(lines.at(-1)).toBe(JSON.stringify({ interruptedBy: signal }));
  },
);

test('a failure stops everything as well, and is passed on', async () => {
  const program = await runProgram(PROGRAM, ['fail']);
  expect(await remaining(program.lines)).toEqual([
    'ready',
    'second stopped',
    'broken could not be stopped: no',
    'first stopped',
    '"failed"',
  ]);
});

test.each([false, true])('the death of npm stops everything (with a shell in between: %s)', async (shell) => {
  // A process that starts the program as npm does, and is killed.
  const command = [process.execPath, '--input-type=module', '--eval', PROGRAM];
  const npm = await runProgram(
    `import { spawn } from 'node:child_process';
     const [, scripts, shell, node, ...args] = process.argv;
     const options = { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, npm_lifecycle_event: 'start' } };
     if (shell === 'true') spawn('sh', ['-c', '"$0" "$@"; :', node, ...args, scripts], options);
     else spawn(node, [...args, scripts], options);`,
    [String(shell), ...command],
  );
  await nextLine(npm);
  npm.child.kill('SIGKILL');
  await once(npm.child, 'exit');
  expect(await remaining(npm.lines)).toContain('first stopped');
});
