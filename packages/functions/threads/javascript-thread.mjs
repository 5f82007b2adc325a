// One function in JavaScript, in a thread of its own: an interpreter in WebAssembly, which has nothing of the host but what is
// handed to it below. Plain JavaScript beside src and dist, because Node.js starts a thread from a file as it is.
//
// In: workerData {program, limits}, then batches as text. Out: {type: 'booted'} when the interpreter is there and the user's
// source begins to run, 'ready' when it has run, 'answer' with {answer} for each batch, 'ended' with {code, message} when the
// function cannot go on.

import { parentPort, workerData } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';

/** Of the interpreter's own stack, of which it has 5 MB; beyond this a function gets an error that it can catch. */
const STACK_BYTES = 256 * 1024;

/** What the interpreter needs itself: its stack and its data. */
const INTERPRETER_BYTES = 6 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;
/** What the interpreter is built to start with. */
const INITIAL_PAGES = 256;

/** Describes what the user's top-level code threw. Keeps what it needs, because that code may replace it. */
const DESCRIBE = String.raw`((toText, AnyError, exec, slice) => (error) => {
  try {
    if (!(error instanceof AnyError)) return slice('throw error of type ' + typeof error + ': ' + toText(error), 0, 300);
    const line = error instanceof SyntaxError ? exec(/transform\.js:(\d+)/, error.stack) : null;
    return slice(toText(error), 0, 300) + (line === null ? '' : ' (line ' + line[1] + ')');
  } catch {
    return 'an error without a text';
  }
})(String, Error, Function.prototype.call.bind(RegExp.prototype.exec), Function.prototype.call.bind(String.prototype.slice))`;

/** Ends the function: nothing of it is run any more. */
class Ended extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const { program, limits } = workerData;

/**
 * The limit that the interpreter has itself is not enough: in WebAssembly it counts only the number of allocations, and single
 * ones that are larger than the limit. Memory that cannot grow cannot be exceeded.
 */
const memory = new WebAssembly.Memory({
  initial: INITIAL_PAGES,
  maximum: Math.max(INITIAL_PAGES, Math.ceil((limits.memoryBytes + INTERPRETER_BYTES) / PAGE_BYTES)),
});
const memoryLimitBytes = limits.memoryBytes + INTERPRETER_BYTES;
const engine = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory: memory }));
const runtime = engine.newRuntime({ memoryLimitBytes: limits.memoryBytes, maxStackSizeBytes: STACK_BYTES });
const context = runtime.newContext();
let deadline = Infinity;
let isLate = false;
let hasEnded = false;
runtime.setInterruptHandler(() => {
  isLate = performance.now() > deadline;
  return isLate;
});

const describe = evaluate(DESCRIBE, 'describe.js');

/** Runs code in the interpreter. Throws Ended. */
function evaluate(code, file) {
  return unwrap(context.evalCode(code, file, { type: 'global' }));
}

function unwrap(result) {
  if (result.error === undefined) return result.value;
  throwIfEnded(result.error);
  const text = context.callFunction(describe, context.undefined, result.error);
  if (isLate) throw new Ended('FunctionTimeout');
  throw new Ended(
    'FunctionFailed',
    `JavaScript: ${text.error ? 'an error without a text' : context.getString(text.value)}`,
  );
}

function throwIfEnded(error) {
  if (isLate) throw new Ended('FunctionTimeout');
  if (isOutOfMemory(error)) throw new Ended('FunctionOutOfMemory');
}

/** Where there is no memory even for an error, null is thrown. The memory of the interpreter never shrinks. */
function isOutOfMemory(error) {
  if (context.eq(error, context.null)) return memoryIsExhausted();
  return context.getProp(error, 'message').consume((message) => {
    return context.typeof(message) === 'string' && context.getString(message) === 'out of memory';
  });
}

function memoryIsExhausted() {
  return memory.buffer.byteLength >= memoryLimitBytes * 0.75;
}

/** Runs the user's source once and gives the function that answers batches. */
function open() {
  const bind = evaluate(program.bridge, 'bridge.js');
  const isExhausted = context.newFunction('memoryIsExhausted', () =>
    memoryIsExhausted() ? context.true : context.false,
  );
  const connect = unwrap(context.callFunction(bind, context.undefined, isExhausted));
  evaluate(program.source, 'transform.js');
  const transform = evaluate("typeof transform === 'function' ? transform : undefined", 'lookup.js');
  if (context.typeof(transform) !== 'function') {
    throw new Ended('FunctionFailed', 'function "transform" is not defined');
  }
  return unwrap(context.callFunction(connect, context.undefined, transform));
}

function answer(run, batch) {
  const text = context.newString(batch);
  const { value, error } = context.callFunction(run, context.undefined, text);
  text.dispose();
  if (error === undefined) return value.consume((answered) => context.getString(answered));
  throwIfEnded(error);
  // Outside of a single record only a function that has changed built-ins gets here, with whatever records held in its hands.
  throw new Ended('FunctionFailed', 'the transformation function broke a batch; it must not change built-ins');
}

/** Does a piece of work within the time limit and reports how the function ended if it did. Anything else ends the thread. */
function report(work) {
  if (hasEnded) return;
  isLate = false;
  deadline = performance.now() + limits.batchTimeoutMs;
  try {
    parentPort.postMessage(work());
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    hasEnded = true;
    parentPort.postMessage({ type: 'ended', code: error.code, message: error.message });
  }
}

parentPort.postMessage({ type: 'booted' });
let run;
report(() => {
  run = open();
  return { type: 'ready' };
});
parentPort.on('message', (batch) => report(() => ({ type: 'answer', answer: answer(run, batch) })));
