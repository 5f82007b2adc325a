import { describe, expect, test } from 'vitest';
import { endOfPython, IMPATIENT, PATIENT } from './python-support.js';

const transform = (...lines: string[]): string => `def transform(r):\n${lines.map((line) => `  ${line}`).join('\n')}\n`;

/** The function itself and a list of what it may end with. */
type Ending = readonly [source: string, message: RegExp];

const TOO_LATE = /^the transformation function takes more than 0\.5 s/;
const TOO_MUCH = /^the transformation function uses more than 32 MB of memory/;
const LEFT = /^the transformation function tried to leave its interpreter$/;
const ENDED = /^the transformation function ended its interpreter$/;
const BROKE = /^the transformation function broke its interpreter$/;
const TOO_DEEP = /^the transformation function (calls itself too deeply|uses more than 32 MB of memory)/;

const ENDLESS: Readonly<Record<string, Ending>> = {
  'a loop at the top level': ['while True: pass', TOO_LATE],
  'a loop that catches everything': [
    transform('while True:', '  try:', '    while True: pass', '  except BaseException: pass'),
    TOO_LATE,
  ],
  'a pattern that backtracks': [transform('import re', 're.match("(a+)+$", "a" * 40 + "!")'), TOO_LATE],
  'a loop of the interpreter itself': [transform('sum(range(10 ** 12))'), TOO_LATE],
  'an error that cannot be shown': [
    transform('class E(Exception):', '  def __str__(self): 10 ** 10 ** 8', 'raise E()'),
    TOO_LATE,
  ],
};

const GREEDY: Readonly<Record<string, Ending>> = {
  'a string beyond the memory': [transform('"x" * (2 ** 31 - 1)'), TOO_MUCH],
  'a list': [transform('a = []', 'while True: a.append(len(a))'), TOO_MUCH],
  'the top level': ['[[0] * 10 ** 7 for _ in iter(int, 1)]', TOO_MUCH],
  'calls without end and without their limit': [
    transform('import sys', 'sys.setrecursionlimit(10 ** 9)', 'def f(): return f()', 'f()'),
    TOO_DEEP,
  ],
};

const BREAKING: Readonly<Record<string, Ending>> = {
  exit: [transform('import os', 'os._exit(0)'), ENDED],
  abort: [transform('import os', 'os.abort()'), BROKE],
};

const DIGGING = `import gc
gc.unfreeze()
def find(name):
  return next(o for o in gc.get_objects() if type(o).__name__ == 'module' and o.__name__ == name)
`;

const LEAVING: Readonly<Record<string, Ending>> = {
  'an object of JavaScript that is still there': [
    `${DIGGING}def transform(r): return find("pyodide.webloop").scheduleCallback.constructor.constructor("return process")()`,
    LEFT,
  ],
  'what makes objects of JavaScript': [`${DIGGING}def transform(r): return find("_pyodide_core").to_js([1])`, LEFT],
  'calls of functions in memory': [
    transform(
      'import _imp, importlib.machinery as m',
      'c = _imp.create_builtin(m.ModuleSpec("_ctypes", None))',
      '_imp.exec_builtin(c)',
      'return c.call_function(c.dlopen(None, 0), ())',
    ),
    LEFT,
  ],
  'a library': [
    transform(
      'import _imp, importlib.machinery as m',
      '_imp.create_dynamic(m.ModuleSpec("x", None, origin="/lib/python314.zip"))',
    ),
    LEFT,
  ],
};

describe('what does not end by itself is ended in time', () => {
  test.concurrent.each(Object.entries(ENDLESS))(
    '%s',
    async (_, [source, message]) => {
      expect((await endOfPython(source, IMPATIENT)).message).toMatch(message);
    },
    60_000,
  );
});

describe('what fills the memory is ended, as the function that it is', () => {
  test.concurrent.each(Object.entries(GREEDY))(
    '%s',
    async (_, [source, message]) => {
      expect((await endOfPython(source, PATIENT)).message).toMatch(message);
    },
    60_000,
  );
});

describe('what breaks the interpreter or leaves it ends the function alone', () => {
  test.concurrent.each(Object.entries({ ...BREAKING, ...LEAVING }))(
    '%s',
    async (_, [source, message]) => {
      expect(await endOfPython(source, PATIENT)).toEqual({
        code: 'FunctionFailed',
        message: expect.stringMatching(message),
      });
    },
    60_000,
  );
});
