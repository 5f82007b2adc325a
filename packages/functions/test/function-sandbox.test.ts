import { readFileSync } from 'node:fs';
import { AppError } from '@penstock/domain';
import { expect, test } from 'vitest';
import { createFunctionSandboxes } from '../src/index.js';
import { compileSource, endOf, LIMITS, never, openSandbox, PATIENT, runSource } from './support.js';

const ADD_ONE = 'function transform(r) { return { n: r.n + 1 } }';
const ENDLESS = 'function transform(r) { while (true) {} }';

const batch = (n: number): string => compileSource(ADD_ONE).encodeBatch([[n]]);
const valueIn = (answer: string): unknown => compileSource(ADD_ONE).decodeBatch(answer, 1)[0];

/** Threads of this process, as the kernel counts them. */
function threadCount(): number {
  return Number(/^Threads:\s+(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

test('answers come in the order of the batches, however many are on their way', async () => {
  const sandbox = openSandbox(ADD_ONE);
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const settled: number[] = [];
  const answers = await Promise.all(
    numbers.map(async (n) => {
      const answer = await sandbox.run(batch(n), new AbortController().signal);
      settled.push(n);
      return valueIn(answer);
    }),
  );
  expect(answers).toEqual(numbers.map((n) => [n + 1]));
  expect(settled).toEqual(numbers);
  await sandbox.close();
});

test('a batch without records has an answer', async () => {
  expect(await runSource(ADD_ONE, [])).toEqual([]);
});

test('the time limit is that of each batch, not of all that wait', async () => {
  const slow = 'function transform(r) { const end = Date.now() + 300; while (Date.now() < end); return r }';
  const sandbox = openSandbox(slow, { ...LIMITS, batchTimeoutMs: 3_000 });
  const runs = Array.from({ length: 14 }, (_, n) => sandbox.run(batch(n), new AbortController().signal));
  expect((await Promise.all(runs)).map(valueIn)).toEqual(runs.map((_, n) => [n]));
  await sandbox.close();
});

test('an idle function does not time out', async () => {
  const sandbox = openSandbox(ADD_ONE, { ...LIMITS, batchTimeoutMs: 1_000 });
  expect(valueIn(await sandbox.run(batch(1), never))).toEqual([2]);
  const slow = openSandbox(
    'function transform(r) { const end = Date.now() + 1_600; while (Date.now() < end); return r }',
  );
  await slow.run(batch(1), never);
  expect(valueIn(await sandbox.run(batch(2), never))).toEqual([3]);
  await Promise.all([sandbox.close(), slow.close()]);
});

test('the top level runs once, before the first record', async () => {
  const source = 'let runs = 0; runs++; function transform(r) { return { n: runs } }';
  expect(await runSource(source, [5, 6])).toEqual([1, 1]);
});

test('transform may be a constant, and console does nothing', async () => {
  const source =
    "'use strict'; console.log('top'); const transform = (r) => { console.error(r); return { n: r.n * 2 } }";
  expect(await runSource(source, [5])).toEqual([10]);
});

test.each([
  ['var x = 1', 'function "transform" is not defined'],
  ['const transform = 1', 'function "transform" is not defined'],
  ['function transform(r) {\n  return {;\n}', /^JavaScript: SyntaxError: .* \(line 2\)$/],
  ["throw new TypeError('top')", 'JavaScript: TypeError: top'],
  ["throw 'top'", 'JavaScript: throw error of type string: top'],
  ['throw null', 'JavaScript: throw error of type object: null'],
  ['throw { get message() { throw 1 }, toString() { throw 2 } }', 'JavaScript: an error without a text'],
  ['Error = RegExp = String = undefined; missing()', /^JavaScript: ReferenceError/],
  ["throw new Error('x'.repeat(1e6))", /^JavaScript: .{300}$/],
])('a function that cannot run at all says why: %s', async (source, message) => {
  const end = await endOf(source);
  expect(end).toEqual({
    code: 'FunctionFailed',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('every call after the end of a function is refused with the same error', async () => {
  const sandbox = openSandbox(ENDLESS, LIMITS);
  const first = sandbox.run(batch(1), never);
  const second = sandbox.run(batch(2), never);
  const error: unknown = await first.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AppError);
  await expect(second).rejects.toBe(error);
  await expect(sandbox.run(batch(3), never)).rejects.toBe(error);
  await sandbox.close();
});

test('a failure of the top level reaches a call that comes after it', async () => {
  const sandbox = openSandbox('}');
  await expect(sandbox.run(batch(1), never)).rejects.toMatchObject({ code: 'FunctionFailed' });
  await expect(sandbox.run(batch(1), never)).rejects.toMatchObject({ code: 'FunctionFailed' });
  await sandbox.close();
});

test('aborting ends a running batch and those that wait at once, with the reason', async () => {
  const sandbox = openSandbox(ENDLESS);
  const controller = new AbortController();
  const runs = [sandbox.run(batch(1), controller.signal), sandbox.run(batch(2), controller.signal)];
  const startedAt = performance.now();
  const reason = new Error('cancelled');
  controller.abort(reason);
  for (const run of runs) await expect(run).rejects.toBe(reason);
  expect(performance.now() - startedAt).toBeLessThan(PATIENT.batchTimeoutMs / 2);
  await expect(sandbox.run(batch(3), never)).rejects.toBe(reason);
  await sandbox.close();
});

test('a signal that was aborted before is refused with its reason', async () => {
  const sandbox = openSandbox(ADD_ONE);
  const reason = new Error('cancelled');
  await expect(sandbox.run(batch(1), AbortSignal.abort(reason))).rejects.toBe(reason);
  await sandbox.close();
});

test('aborting after the answer changes nothing', async () => {
  const sandbox = openSandbox(ADD_ONE);
  const controller = new AbortController();
  await sandbox.run(batch(1), controller.signal);
  controller.abort();
  expect(valueIn(await sandbox.run(batch(1), never))).toEqual([2]);
  await sandbox.close();
});

test('closing while a batch runs refuses it, and may be repeated', async () => {
  const sandbox = openSandbox(ENDLESS);
  const run = sandbox.run(batch(1), never);
  const closed = [sandbox.close(), sandbox.close()];
  await expect(run).rejects.toThrow('the function sandbox is closed');
  await Promise.all(closed);
  await sandbox.close();
  await expect(sandbox.run(batch(1), never)).rejects.toThrow('the function sandbox is closed');
});

test('two functions share nothing and run beside each other', async () => {
  const [first, second] = [openSandbox('var x = 1; function transform() { return { n: x } }'), openSandbox(ENDLESS)];
  const endless = second.run(batch(1), never);
  expect(valueIn(await first.run(batch(1), never))).toEqual([1]);
  const other = openSandbox("function transform() { return { n: typeof x === 'undefined' ? 2 : 3 } }");
  expect(valueIn(await other.run(batch(1), never))).toEqual([2]);
  const closed = Promise.all([first.close(), second.close(), other.close()]);
  await expect(endless).rejects.toThrow();
  await closed;
});

test('a language that is switched off is refused', () => {
  const { program } = compileSource(ADD_ONE);
  const sandboxes = createFunctionSandboxes({ languages: [], limits: LIMITS });
  expect(() => sandboxes.open(program)).toThrow(expect.objectContaining({ code: 'UnsupportedLanguage' }));
  expect(sandboxes.languages).toEqual([]);
});

test('what records hold never gets into the errors that end a function', async () => {
  const secret = 123456789;
  const sources = [
    ENDLESS,
    'function transform(r) { const a = []; while (true) a.push([r.n]) }',
    'let seen; function transform(r) { seen = r.n; let o = {}; while (true) o = { o, seen } }',
  ];
  for (const source of sources) {
    const sandbox = openSandbox(source, LIMITS);
    const error: unknown = await sandbox.run(batch(secret), never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(String(error) + JSON.stringify(error)).not.toContain(String(secret));
    await sandbox.close();
  }
});

test('sandboxes that were closed leave no threads and no memory', async () => {
  const openAndClose = async (): Promise<void> => {
    const sandbox = openSandbox(ADD_ONE);
    await sandbox.run(batch(1), never);
    await sandbox.close();
  };
  const round = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 4) await Promise.all([1, 2, 3, 4].map(openAndClose));
  };
  await round(16);
  const threads = threadCount();
  const memory = process.memoryUsage().rss;
  await round(40);
  expect(threadCount()).toBeLessThanOrEqual(threads);
  // One sandbox that stayed would keep at least the 16 MB that an interpreter starts with.
  expect(process.memoryUsage().rss - memory).toBeLessThan(200 * 1024 * 1024);
});
