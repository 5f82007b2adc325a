import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** Runs code in a thread whose realm has been stripped, and gives what it reports. */
async function inStrippedRealm(code: string): Promise<unknown> {
  const realm = new URL('../threads/python-realm.mjs', import.meta.url).href;
  const program = `import { parentPort } from 'node:worker_threads';
import { stripRealm } from '${realm}';
const load = (name) => import(name);
const attempt = async (f) => { try { return String(await f()); } catch (error) { return error.message; } };
const closures = { process, console, fetch, eval: eval };
stripRealm();
parentPort.postMessage(await (async () => { ${code} })());`;
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), { env: {} });
  try {
    return await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
  } finally {
    await thread.terminate();
  }
}

test('a stripped realm has no globals but those of the language', async () => {
  const globals = await inStrippedRealm(
    'return Object.getOwnPropertyNames(globalThis).filter((n) => /^[a-z]/.test(n))',
  );
  expect(new Set(globals as string[])).toEqual(
    new Set(['globalThis', 'undefined', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'performance']),
  );
});

test('a stripped realm makes no code of text', async () => {
  const constructors = await inStrippedRealm(
    'return [() => 0, async () => 0, function* () {}, async function* () {}].map((f) => typeof f.constructor)',
  );
  expect(constructors).toEqual(['undefined', 'undefined', 'undefined', 'undefined']);
});

test('what closures have kept of a stripped realm does nothing', async () => {
  const outcomes = await inStrippedRealm(`return Promise.all([
    attempt(async () => (await load('node:fs')).readFileSync('/etc/passwd')),
    attempt(async () => (await load('node:fs/promises')).readFile('/etc/passwd')),
    attempt(async () => (await load('node:child_process')).execSync('id')),
    attempt(async () => new (await load('node:worker_threads')).Worker('1', { eval: true })),
    attempt(async () => (await load('node:vm')).runInThisContext('1')),
    attempt(async () => (await load('node:net')).connect(1)),
    attempt(async () => (await load('node:module')).createRequire('file:///x')),
    attempt(async () => (await load('node:process')).binding('fs')),
    attempt(async () => closures.process.kill(1)),
    attempt(async () => closures.process.env.PATH),
  ])`);
  for (const outcome of outcomes as string[])
    expect(outcome).toMatch(/not available|is not a (function|constructor)|undefined/);
});
