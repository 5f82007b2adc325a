import { compileFunction } from '@penstock/language';
import { expect, test } from 'vitest';
import { endOf, never, openProgram, PATIENT, runSource, schemaOf } from './support.js';

const transform = (body: string): string => `function transform(r) { ${body} }`;

/** Whatever a function did, the process lives and the next function works. */
async function nextWorks(): Promise<void> {
  expect(await runSource('const transform = (r) => ({ n: r.n + 1 })', [1, 2], PATIENT)).toEqual([2, 3]);
}

const ENDLESS = {
  'a loop': transform('while (true) {}'),
  'a loop at the top level': 'while (true) {} function transform(r) { return r }',
  'a loop that catches everything': transform('while (true) { try { while (true) {} } catch {} finally { continue } }'),
  'a backtracking pattern': transform("return { n: /(a+)+$/.test('a'.repeat(40) + '!') ? 1 : 0 }"),
  'a pattern with back references': transform("return { n: /^(a+)+\\1$/.test('a'.repeat(60) + '!') ? 1 : 0 }"),
  'a sort with an inconsistent comparator': transform(
    'const a = Array.from({ length: 2e5 }, (_, i) => i); while (true) a.sort(() => Math.random() - 0.5)',
  ),
  'a sort of a huge array-like': transform('Array.prototype.sort.call({ length: 2 ** 53 - 1, 0: 1 }); return r'),
  'a getter': transform('return { get n() { while (true) {} } }'),
  'a proxy': transform('return new Proxy({}, { ownKeys() { while (true) {} }, get() { while (true) {} } })'),
  'an error that cannot be shown': transform('throw Object.assign(new Error(), { toString() { while (true) {} } })'),
  'an error of the top level that cannot be shown':
    'throw Object.assign(new Error(), { toString() { while (true) {} }, get message() { while (true) {} } })',
  toJSON: transform('return { n: { toJSON() { while (true) {} } } }'),
  'a generator': transform('function* g() { while (true) yield 1 } for (const x of g()) ; return r'),
  'a native loop': transform('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); return r'),
  'a native fill': transform('Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0); return r'),
  'a promise job that starts another': transform('const f = () => Promise.resolve().then(f); f(); while (true) {}'),
};

test.each(Object.entries(ENDLESS))('%s without end is ended in time', async (_, source) => {
  const startedAt = performance.now();
  const { code, message } = await endOf(source);
  expect(['FunctionTimeout', 'FunctionOutOfMemory'], message).toContain(code);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  await nextWorks();
});

const BOMBS = {
  'a repeated string': transform("const a = []; while (true) a.push('x'.repeat(2 ** 20) + a.length)"),
  'a list': transform('const a = []; while (true) a.push(a.length)'),
  objects: transform('let a = {}; while (true) a = { a }'),
  'a map': transform('const m = new Map(); for (let i = 0; ; i++) m.set(i, {})'),
  buffers: transform('const a = []; while (true) a.push(new ArrayBuffer(2 ** 20))'),
  closures: transform('let f = () => 0; while (true) { const g = f; f = () => g; }'),
  'the top level': 'const a = []; while (true) a.push([a.length]); function transform(r) { return r }',
  promises: transform('const a = []; while (true) a.push(new Promise(() => {}).then(() => {}))'),
};

test.each(Object.entries(BOMBS))('%s that fill the memory end the function', async (_, source) => {
  const { code, message } = await endOf(source, PATIENT);
  expect(code, message).toBe('FunctionOutOfMemory');
  expect(message).toMatch(/^the transformation function uses more than 16 MB of memory/);
  await nextWorks();
});

const RECORD_FAILURES = {
  'recursion without end': ['const f = () => 1 + f(); return f()', /^JavaScript: .*stack overflow/],
  'mutual recursion through natives': ['const f = () => [1].map(f); return f()', /^JavaScript: .*stack overflow/],
  'recursion of toString': ['const o = { toString() { return `${this}` } }; return { n: `${o}` }', /stack overflow/],
  'recursion of a getter': ['const o = { get x() { return this.x } }; return o.x', /stack overflow/],
  'recursion of a proxy': [
    'let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x',
    /stack overflow/,
  ],
  'JSON that is nested too deeply': ["return JSON.parse('['.repeat(1e6))", /^JavaScript: /],
  'a result that is nested too deeply': [
    'let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return { n: a }',
    /stack overflow/,
  ],
  'a pattern that is nested too deeply': ["new RegExp('('.repeat(1e5) + ')'.repeat(1e5)); return r", /^JavaScript: /],
  'a string that is too long': ["return { n: 'x'.repeat(2 ** 30) }", /^JavaScript: .*invalid/],
  'a string that grows without end': ["let s = 'x'; while (true) s += s", /string too long/],
  'a huge integer': ['return { n: Number(7n ** (2n ** 24n)) }', /^JavaScript: RangeError/],
  'an array that is too long': ['return new Array(2 ** 32)', /^JavaScript: RangeError/],
} as const;

test.each(Object.entries(RECORD_FAILURES))('%s fails the record alone', async (_, [body, message]) => {
  const source = `function transform(r) { if (r.n !== 2) return r; ${body} }`;
  const outcome = await runSource(source, [1, 2, 3], { ...PATIENT, memoryBytes: 64 * 1024 * 1024 });
  expect(outcome).toEqual([1, expect.stringMatching(message), 3]);
});

const HUGE = {
  'a string': "'x'.repeat(2 ** 28)",
  'a filled array': 'new Array(1e9).fill(0)',
  'a joined array': 'new Array(2 ** 28).join(".")',
  padding: '"".padEnd(2 ** 29)',
  'a typed array': 'new Uint8Array(2 ** 30)',
};

test.each(Object.entries(HUGE))('%s beyond the memory ends the function', async (_, expression) => {
  const { code, message } = await endOf(transform(`const x = ${expression}; return { n: x.length }`));
  expect(['FunctionOutOfMemory', 'FunctionTimeout'], message).toContain(code);
  await nextWorks();
});

test('a result that contains itself fails the record alone', async () => {
  const source = transform('if (r.n !== 2) return r; r.n = r; return r');
  expect(await runSource(source, [1, 2, 3])).toEqual([1, 'transformed value contains a circular reference', 3]);
});

test('texts that no protocol likes come back or are refused alone', async () => {
  const schema = schemaOf({ x: { kind: 'string' } });
  const definition = { language: 'JavaScript', source: 'const transform = (r) => r', preserveJSON: false } as const;
  const compiled = compileFunction({ ...definition, inPaths: ['x'], outPaths: ['x'] }, schema, schema);
  const texts = ['a\0b', '\u001f', '\u007f', '\n', '', '\u{1f600}', '\ufffe', '\ud800'];
  const sandbox = openProgram(compiled.program);
  for (const group of [texts, ...texts.map((text) => ['a', text, 'b'])]) {
    const answer = await sandbox.run(compiled.encodeBatch(group.map((text) => [text])), never);
    const expected = group.map((text) =>
      text === '\ud800' ? expect.objectContaining({ code: 'NotUnicode' }) : [text],
    );
    expect(compiled.decodeBatch(answer, group.length)).toEqual(expected);
  }
  await sandbox.close();
});

test('a function sees nothing of the host', async () => {
  const names = [
    'require',
    'process',
    'fetch',
    'setTimeout',
    'setInterval',
    'Worker',
    'WebAssembly',
    'Buffer',
    'module',
    'global',
    'std',
    'os',
    'print',
    'scriptArgs',
    'import',
  ];
  const source = transform(`throw [${names.map((name) => `'${name}'`)}].filter((name) => name in globalThis).join()`);
  expect(await runSource(source, [1])).toEqual(['JavaScript: throw error of type string: ""']);
});

test('a function cannot import modules', async () => {
  expect(await endOf("import fs from 'fs'; function transform(r) { return r }")).toMatchObject({
    code: 'FunctionFailed',
  });
  const source = "let failed = 0; function transform(r) { import('fs').then(() => 0, () => 0); return { n: 7 } }";
  expect(await runSource(source, [1])).toEqual([7]);
});

test('what a function leaves in built-ins does not reach the host', async () => {
  const source = `JSON.stringify = () => 'x'; JSON.parse = () => 1; Array.prototype.join = () => 'y'; Array.prototype.push = null;
    Object.keys = () => ['a']; Object.prototype.toJSON = null; String.prototype.includes = () => true; String = null;
    Object.getPrototypeOf = null; Array.isArray = null; Error = null; Reflect = null;
    const transform = (r) => { if (r.n === 2) throw new TypeError('two'); return { n: r.n + 1 } };`;
  expect(await runSource(source, [1, 2, 3])).toEqual([2, 'JavaScript: TypeError: two', 4]);
});
