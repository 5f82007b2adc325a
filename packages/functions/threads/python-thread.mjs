// One function in Python, in a thread of its own: an interpreter in WebAssembly, which has nothing of the host but what
// python-border.mjs lets it call. Plain JavaScript beside src and dist, because Node.js starts a thread from a file as it is.
//
// In: workerData {program, limits}, then batches as text. Out: {type: 'booted'} when the interpreter is there and the user's
// source begins to run, 'ready' when it has run, 'answer' with {answer} for each batch, 'ended' with {code, message} when the
// function cannot go on. The time is watched by who started the thread, and ends it.

import { parentPort, workerData } from 'node:worker_threads';
import { createBorder } from './python-border.mjs';
import { connect, startInterpreter } from './python-interpreter.mjs';
import { stripRealm } from './python-realm.mjs';

/** Ends the function: nothing of it is run any more. */
class Ended extends Error {
  constructor(code, message = '') {
    super(message);
    this.code = code;
  }
}

const { program, limits } = workerData;
const { RuntimeError } = WebAssembly;
let end;

const BROKEN = 'the transformation function broke its interpreter';
const ENDINGS = new Set(['exit', 'proc_exit', '_emscripten_runtime_keepalive_clear']);
const CRASHES = new Set(['_abort_js', '__assert_fail', 'emscripten_log_impl_js', 'capture_stderr', 'restore_stderr']);

/** What is told of a call that the interpreter may not make. The end is kept: the interpreter may swallow what is thrown. */
const border = createBorder((call) => {
  end ??= endOfCall(call);
  throw end;
});

function endOfCall(call) {
  if (ENDINGS.has(call)) return new Ended('FunctionFailed', 'the transformation function ended its interpreter');
  if (CRASHES.has(call)) return crash();
  return new Ended('FunctionFailed', 'the transformation function tried to leave its interpreter');
}

/** Without memory the interpreter may not even be able to say so. */
function crash() {
  return border.hasRefusedMemory() ? new Ended('FunctionOutOfMemory') : new Ended('FunctionFailed', BROKEN);
}

function endOf(error) {
  if (end !== undefined) return end;
  if (error instanceof Ended) return error;
  if (error instanceof RuntimeError) return crash();
  if (error instanceof RangeError) {
    return new Ended('FunctionFailed', 'the transformation function calls itself too deeply');
  }
  return new Ended('FunctionFailed', BROKEN);
}

function bridgeFailure(isOutOfMemory) {
  if (isOutOfMemory) return new Ended('FunctionOutOfMemory');
  return new Ended('FunctionFailed', 'the transformation function has changed how its results are handed over');
}

/** Does a piece of work and reports how the function ended if it did. Whatever happened then, nothing more is run. */
function report(work) {
  if (end !== undefined) return;
  try {
    const message = work();
    if (end !== undefined) throw end;
    parentPort.postMessage(message);
  } catch (error) {
    end = endOf(error);
    parentPort.postMessage({ type: 'ended', code: end.code, message: end.message });
  }
}

function open() {
  const functions = connect(python, program.bridge, bridgeFailure);
  const failure = functions.openFunction(program.source);
  if (failure !== '') throw new Ended('FunctionFailed', failure);
  return functions.answerBatch;
}

const python = await startInterpreter(border);
stripRealm();
border.close(limits.memoryBytes);
parentPort.postMessage({ type: 'booted' });
let answerBatch;
report(() => {
  answerBatch = open();
  return { type: 'ready' };
});
parentPort.on('message', (batch) => report(() => ({ type: 'answer', answer: answerBatch(batch) })));
