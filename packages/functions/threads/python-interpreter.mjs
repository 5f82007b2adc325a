// An interpreter of Python: WebAssembly that is called through the C interface of Python, with texts going in and out through
// its memory. What Pyodide has to join it with JavaScript is there when it starts and is not used.

import { loadPyodide } from 'pyodide';
import { PREPARATION } from './python-preparation.mjs';

/** What the C interface calls the source of a file. */
const FILE_INPUT = 257;

// Made before the globals are taken away.
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Devices that lead to the streams of the process. */
const DEVICES = ['/dev/tty', '/dev/tty1'];

/** Starts an interpreter whose modules of WebAssembly get their imports from a border. Loads it from node_modules alone. */
export async function startInterpreter(border) {
  for (const name of Object.keys(console)) if (typeof console[name] === 'function') console[name] = () => undefined;
  const main = guardImports(border);
  const pyodide = await loadPyodide({
    jsglobals: Object.create(null),
    env: {},
    checkAPIVersion: true,
    stdin: () => undefined,
    stdout: () => undefined,
    stderr: () => undefined,
  });
  for (const path of DEVICES) if (pyodide.FS.analyzePath(path).exists) pyodide.FS.unlink(path);
  pyodide.runPython(PREPARATION);
  return main.exports;
}

/** Modules of WebAssembly that are made from now on have guarded imports. Answers with where the exports of the interpreter will be. */
function guardImports(border) {
  const main = { exports: undefined };
  const { instantiate, Instance } = WebAssembly;
  WebAssembly.instantiate = async (source, imports) => {
    if (imports === undefined) return instantiate(source);
    const result = await instantiate(source, border.guard(imports));
    main.exports = (result.instance ?? result).exports;
    border.attach(main.exports.memory);
    return result;
  };
  WebAssembly.Instance = class extends Instance {
    constructor(module, imports = {}) {
      super(module, border.guard(imports));
    }
  };
  // Where a JavaScript engine lets WebAssembly wait for promises, imports are not functions that could be guarded.
  for (const name of ['Suspending', 'promising', 'Function']) delete WebAssembly[name];
  return main;
}

/**
 * The functions of a bridge, as functions from text to text. Each throws what `failure` makes of whether the memory was used up
 * where the bridge raised an error, which else it does only where it was tampered with.
 */
export function connect(python, bridge, failure) {
  const bytes = () => new Uint8Array(python.memory.buffer);
  const number = (at) => new DataView(python.memory.buffer).getUint32(at, true);

  /** Of an object or an address that an operation of the interpreter gives; 0 is an error. */
  function check(address) {
    if (address !== 0) return address;
    const isOutOfMemory =
      python.PyErr_Occurred() === 0 || python.PyErr_ExceptionMatches(number(python.PyExc_MemoryError.value)) !== 0;
    throw failure(isOutOfMemory);
  }

  function withText(text, use) {
    const encoded = encoder.encode(text);
    const at = check(python.malloc(encoded.length + 1));
    bytes().set(encoded, at);
    bytes()[at + encoded.length] = 0;
    try {
      return use(at, encoded.length);
    } finally {
      python.free(at);
    }
  }

  function textOf(object) {
    const length = check(python.malloc(4));
    const at = check(python.PyUnicode_AsUTF8AndSize(object, length));
    const text = decoder.decode(bytes().subarray(at, at + number(length)));
    python.free(length);
    return text;
  }

  function callable(name) {
    const object = withText(name, (at) => check(python.PyDict_GetItemString(globals, at)));
    python.Py_IncRef(object);
    return (text) => {
      const argument = withText(text, (at, length) => check(python.PyUnicode_DecodeUTF8(at, length, 0)));
      const result = python.PyObject_CallOneArg(object, argument);
      python.Py_DecRef(argument);
      const answer = textOf(check(result));
      python.Py_DecRef(result);
      return answer;
    };
  }

  const globals = check(python.PyDict_New());
  withText(bridge, (at) => check(python.PyRun_StringFlags(at, FILE_INPUT, globals, globals, 0)));
  return { openFunction: callable('open_function'), answerBatch: callable('answer_batch') };
}
