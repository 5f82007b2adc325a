// Takes away from the thread what reaches beyond it. The border of the interpreter lets none of this be reached; this is for the
// day on which it has a hole.

import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const Module = require('node:module');

/** Modules of Node.js whose functions reach files, processes, the network, other threads or the engine. */
const POWERFUL = [
  ...['fs', 'fs/promises', 'child_process', 'net', 'tls', 'dgram', 'dns', 'dns/promises', 'http', 'https', 'http2'],
  ...['worker_threads', 'cluster', 'inspector', 'vm', 'v8', 'repl', 'os'],
].map((name) => require(`node:${name}`));

/** What a process can do; its events and its clock stay, which Node.js needs itself. */
const POWERS = [
  ...['env', 'argv', 'execArgv', 'execPath', 'binding', '_linkedBinding', 'dlopen', 'getBuiltinModule', 'mainModule'],
  ...['kill', '_kill', 'abort', 'exit', 'reallyExit', 'chdir', 'cwd', 'umask', 'report', '_debugProcess', 'openStdin'],
];

/** What the thread itself needs of the global object: the rest is taken away. */
const KEPT = new Set([
  ...[
    'globalThis',
    'Object',
    'Function',
    'Array',
    'Number',
    'Boolean',
    'String',
    'Symbol',
    'BigInt',
    'Math',
    'JSON',
    'Date',
  ],
  ...['Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'],
  ...['Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'Promise', 'Proxy', 'Reflect', 'RegExp'],
  ...['ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array'],
  ...['Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Iterator'],
  ...['undefined', 'NaN', 'Infinity', 'isNaN', 'isFinite', 'parseInt', 'parseFloat'],
]);

/** The kinds of functions, each of which has a constructor that makes code of text. */
const FUNCTIONS = [() => 0, async () => 0, function* () {}, async function* () {}];

const refuse = () => {
  throw new Error('not available to transformation functions');
};

/** To be called when nothing needs to be loaded any more. */
export function stripRealm() {
  const clock = Object.freeze({ now: performance.now.bind(performance), timeOrigin: performance.timeOrigin });
  for (const exports of POWERFUL) stripExports(exports);
  stripExports(Module);
  Module.prototype.require = refuse;
  syncBuiltinESMExports();
  for (const name of POWERS) Object.defineProperty(process, name, { value: undefined });
  for (const made of FUNCTIONS) {
    Object.defineProperty(Object.getPrototypeOf(made), 'constructor', { value: undefined });
  }
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!KEPT.has(name)) delete globalThis[name];
  }
  // The interpreter's clock.
  globalThis.performance = clock;
}

function stripExports(exports) {
  for (const [name, { configurable, writable }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if (typeof exports[name] !== 'function' || name === 'prototype') continue;
    if (configurable) Object.defineProperty(exports, name, { value: refuse, enumerable: true });
    else if (writable) exports[name] = refuse;
  }
}
