import { createFunctionSandboxes, type FunctionSandbox, type FunctionSandboxes } from '@penstock/functions';
import { compileFunction, type FunctionProgram, type ObjectType } from '@penstock/language';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limitSandboxes } from '../src/functions/limit-sandboxes.js';

const SCHEMA: ObjectType = {
  kind: 'object',
  properties: [{ name: 'email', type: { kind: 'string' }, nullable: true, description: '' }],
};

/** Sandboxes of which two run at a time, without a limit of time that a test could meet. */
let limitedOf: (workspace: number) => FunctionSandboxes;
let opened: FunctionSandbox[];

beforeEach(() => {
  opened = [];
  const limits = { batchTimeoutMs: 60_000, memoryBytes: 32 * 1024 * 1024 };
  limitedOf = limitSandboxes(createFunctionSandboxes({ languages: ['JavaScript'], limits }), {
    ...{ places: 2, waiting: 10, waitingPerOwner: 4 },
  });
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
/** The workspace whose functions are tried, unless it is said. */
const OWN = 99;
const open = (program: FunctionProgram, workspace = OWN) => {
  const sandbox = limitedOf(workspace).open(program);
  opened.push(sandbox);
  return sandbox;
};
const never = new AbortController().signal;
const run = (sandbox: FunctionSandbox, signal = never) => sandbox.run(QUICK.encodeBatch([['a@b.c']]), signal);
/** Starts a function that goes on until it is closed. */
const occupy = (workspace: number) => {
  const sandbox = open(ENDLESS.program, workspace);
  const running = run(sandbox);
  running.catch(() => undefined);
  return { sandbox, running };
};
const BUSY = {
  code: 'ServiceUnavailable',
  message: 'too many transformation functions are being tried at this moment: try again shortly',
};

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
    const { sandbox, running } = occupy(1);
    occupy(2);
    const answer = run(open(QUICK.program));
    await sandbox.close();
    await expect(running).rejects.toThrow();
    expect(QUICK.decodeBatch(await answer, 1)).toEqual([['a@b.c']]);
  });

  it('is refused when its time is over before its turn, and does not take the turn of the next', async () => {
    const { sandbox } = occupy(1);
    occupy(2);
    await expect(run(open(QUICK.program), AbortSignal.timeout(20))).rejects.toMatchObject(BUSY);
    const answer = run(open(QUICK.program));
    await sandbox.close();
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
    const { sandbox } = occupy(1);
    const gone = new AbortController();
    const ended = [run(open(ENDLESS.program), gone.signal), run(open(QUICK.program), gone.signal)];
    const settled = Promise.allSettled(ended);
    gone.abort(reason);
    expect(await settled).toEqual(ended.map(() => ({ status: 'rejected', reason })));
    await sandbox.close();
  });

  it('is not started any more once it was closed, while it waits or before', async () => {
    const places = [occupy(1), occupy(2)];
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
    await Promise.all([run(open(QUICK.program, 1)), run(open(QUICK.program, 2))]);
  });

  it('is refused at once when very many wait already', async () => {
    for (const workspace of Array.from({ length: 2 + 10 }).keys()) occupy(workspace);
    await expect(run(open(QUICK.program))).rejects.toMatchObject(BUSY);
  });

  it('is refused when its language is switched off', () => {
    const limited = limitedOf(OWN);
    expect(limited.languages).toEqual(['JavaScript']);
    expect(() => limited.open({ ...QUICK.program, language: 'Python' })).toThrow('not available on this installation');
  });
});

describe('a workspace that tries many functions', () => {
  it('runs one of them at a time, and leaves the other places to others', async () => {
    occupy(1);
    occupy(1);
    const answer = await run(open(QUICK.program, 2));
    expect(QUICK.decodeBatch(answer, 1)).toEqual([['a@b.c']]);
  });

  it('is passed by who came later and has no place', async () => {
    const first = occupy(1);
    const { sandbox } = occupy(2);
    const second = run(open(QUICK.program, 1));
    const order: number[] = [];
    const noted = second.then(() => order.push(1));
    const other = open(QUICK.program, 3);
    const overtaken = run(other).then(() => order.push(3));
    await sandbox.close();
    await overtaken;
    await other.close();
    expect(order).toEqual([3]);
    await first.sandbox.close();
    await noted;
    expect(order).toEqual([3, 1]);
  });

  it('is refused at once when many of its own wait, while others may still come', async () => {
    occupy(1);
    const { sandbox } = occupy(2);
    for (const _ of Array.from({ length: 4 })) occupy(1);
    await expect(run(open(QUICK.program, 1))).rejects.toMatchObject(BUSY);
    const answer = run(open(QUICK.program, 3));
    await sandbox.close();
    expect(QUICK.decodeBatch(await answer, 1)).toEqual([['a@b.c']]);
  });
});
