import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url));

/** A directory of its own for a test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scripts-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

export interface Program {
  readonly child: ChildProcess;
  /** What it printed, line by line. */
  readonly lines: AsyncIterableIterator<string>;
}

/**
 * Runs a small program in a process of its own, so that it can be killed. It is ended with the test. `import.meta.resolve`
 * does not know the scripts, so a program imports them from the directory `scripts`, its first argument.
 */
export async function runProgram(source: string, args: readonly string[] = [], env = process.env): Promise<Program> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source, scripts, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  onTestFinished(() => endProgram(child));
  await once(child, 'spawn');
  return { child, lines: readLines(child) };
}

/** As `kill -9` does, and collects it. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** The next line, which must come. */
export async function nextLine({ lines }: Program): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('the program ended before it printed the line');
  return value;
}

async function* readLines(child: ChildProcess): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
