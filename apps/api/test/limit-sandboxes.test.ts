import { createFunctionSandboxes, type FunctionSandbox, type FunctionSandboxes } from '@penstock/functions';
import { compileFunction, type FunctionProgram, type ObjectType } from '@penstock/language';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limitSandboxes } from '../src/functions/limit-sandboxes.js';

const SCHEMA: ObjectType = {
  kind: 'object',
  properties: [{ name: 'email', type: { kind: 'string' }, nullable: true, description: '' }],
};

/** Sandboxes of which two run at a time, without a limit of time that a test could meet. */
let limited: FunctionSandboxes;
let opened: FunctionSandbox[];

beforeEach(() => {
  opened = [];
  const limits = { batchTimeoutMs: 60_000, memoryBytes: 32 * 1024 * 1024 };
  limited = limitSandboxes(createFunctionSandboxes({ languages: ['JavaScript'], limits }), 2);
});
afterEach(() => Promise.all(opened.map((sandbox) => sandbox.close())));

const compile = (source: string) =>
  compileFunction(
    { language: 'JavaScript', source, preserveJSON: false, inPaths: ['email'], outPaths: ['email'] },
    SCHEMA,
    SCHEMA,
  );
const QUICK = compile('function transform(record) { return record }');
const ENDLESS = compile('function transform() { for (;;) {} }');
const open = (program: FunctionProgram) => {
  const sandbox = limited.open(program);
  opened.push(sandbox);
  return sandbox;
};
const never = new AbortController().signal;
const run = (sandbox: FunctionSandbox, signal = never) => sandbox.run(QUICK.encodeBatch([['a@b.c']]), signal);
/** Starts functions that go on until they are closed. */
const occupy = (count: number) =>
  Array.from({ length: count }, () => {
    const sandbox = open(ENDLESS.program);
    const running = run(sandbox);
    running.catch(() => undefined);
    return { sandbox, running };
  });

describe('a function that is tried', () => {
  it('runs at once while there are places', async () => {
    occupy(1);
    const answer = await run(open(QUICK.program));
    expect(QUICK.decodeBatch(answer, 1)).toEqual([['a@b.c']]);
  });

  it('runs further batches in the place that it has', async () => {
    occupy(1);
    const sandbox = open(QUICK.program);
    await run(sandbox);
    expect(QUICK.decodeBatch(await run(sandbox), 1)).toEqual([['a@b.c']]);
  });

  it('waits for a place, and gets it when one is given back', async () => {
    const [first] = occupy(2);
    const answer = run(open(QUICK.program));
    await first?.sandbox.close();
    await expect(first?.running).rejects.toThrow();
    expect(QUICK.decodeBatch(await answer, 1)).toEqual([['a@b.c']]);
  });

  it('is refused when its time is over before its turn, and does not take the turn of the next', async () => {
    const [first] = occupy(2);
    await expect(run(open(QUICK.program), AbortSignal.timeout(20))).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      message: 'too many transformation functions are being tried at this moment: try again shortly',
    });
    const answer = run(open(QUICK.program));
    await first?.sandbox.close();
    await answer;
  });

  it('is refused when its time is over while it runs', async () => {
    await expect(run(open(ENDLESS.program), AbortSignal.timeout(500))).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      message: 'the transformation function did not end within the time of a request: try it with fewer records',
    });
  });

  it('ends with the reason of whoever stops it, waiting or running', async () => {
    const reason = new Error('the client has gone');
    const [running] = occupy(1);
    const gone = new AbortController();
    const ended = [run(open(ENDLESS.program), gone.signal), run(open(QUICK.program), gone.signal)];
    const settled = Promise.allSettled(ended);
    gone.abort(reason);
    expect(await settled).toEqual(ended.map(() => ({ status: 'rejected', reason })));
    await running?.sandbox.close();
  });

  it('is not started any more once it was closed, while it waits or before', async () => {
    const places = occupy(2);
    const waiting = open(QUICK.program);
    const answer = run(waiting);
    const refused = expect(answer).rejects.toThrow();
    await waiting.close();
    await waiting.close();
    await refused;
    await Promise.all(places.map(({ sandbox }) => sandbox.close()));
    await expect(run(waiting)).rejects.toThrow();
    const unused = open(QUICK.program);
    await unused.close();
    await expect(run(unused)).rejects.toThrow();
    // All places are free again.
    await Promise.all([run(open(QUICK.program)), run(open(QUICK.program))]);
  });

  it('is refused at once when very many wait already', async () => {
    occupy(2 + 64);
    await expect(run(open(QUICK.program))).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });

  it('is refused when its language is switched off', () => {
    expect(limited.languages).toEqual(['JavaScript']);
    expect(() => limited.open({ ...QUICK.program, language: 'Python' })).toThrow('not available on this installation');
  });
});
