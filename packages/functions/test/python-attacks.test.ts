import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FunctionSandbox } from '../src/index.js';
import { compilePython, endOfPython, openPython, PATIENT, runRows } from './python-support.js';

const UNAVAILABLE = /^ModuleNotFoundError: module '\w+(\.\w+)?' is not available to transformation functions$/;
const READ_ONLY = /^OSError: \[Errno 69\] Read-only file system/;

/** Code of Python that sets `x`, and what becomes of it: an error, or `x`. */
const ATTACKS: readonly (readonly [code: string, outcome: RegExp])[] = [
  ...['js', 'pyodide_js', 'pyodide', 'pyodide.code', 'pyodide.ffi', '_pyodide', '_pyodide_core', 'micropip'].map(
    (name) => [`import ${name}`, UNAVAILABLE] as const,
  ),
  ...['ctypes', '_ctypes', 'socket', '_socket', 'ssl', 'subprocess', '_posixsubprocess', 'multiprocessing'].map(
    (name) => [`x = __import__('${name}')`, UNAVAILABLE] as const,
  ),
  ['import importlib; importlib.import_module("pyodide.code")', UNAVAILABLE],
  ['from pyodide.code import run_js', UNAVAILABLE],
  ['import urllib.request', UNAVAILABLE],
  ['import http.client', UNAVAILABLE],
  ['import asyncio', UNAVAILABLE],
  ['import sys; x = [n for n in sys.modules if "pyodide" in n or n == "js" or n.startswith("js.")]', /^x=\[\]$/],
  ['import gc; x = [o for o in gc.get_objects() if "Js" in str(type(o)) or "pyodide" in str(type(o))]', /^x=\[\]$/],
  ['import os; x = dict(os.environ)', /^x=\{\}$/],
  ['import os; x = os.getenv("PATH")', /^x=None$/],
  ['import sys; x = sys.argv', /^x=\[''\]$/],
  ['import sys; sys._emscripten_info', /^AttributeError/],
  ['import os; x = os.uname().nodename, os.getuid(), os.getpid(), os.umask(0)', /^x=\('emscripten', 0, 42, 0\)$/],
  ['open("/etc/passwd")', /^FileNotFoundError/],
  ['open("/proc/self/environ")', /^(FileNotFoundError|OSError)/],
  ['open("/proc/self/fd/../../../../etc/passwd")', /^(FileNotFoundError|OSError)/],
  ['open("/dev/tty")', /^FileNotFoundError/],
  ['open("/dev/tty1")', /^FileNotFoundError/],
  ['import os; x = sorted(os.listdir("/"))', /^x=\['dev', 'home', 'lib', 'proc', 'tmp'\]$/],
  ['x = open("/dev/stdin").read()', /^x=$/],
  ['x = input()', /^EOFError/],
  ['open("/tmp/x", "w")', READ_ONLY],
  ['open("/dev/stdout", "w")', READ_ONLY],
  ['import os; os.mkdir("/tmp/x")', READ_ONLY],
  ['import os; os.symlink("/etc", "/tmp/x")', READ_ONLY],
  ['import os; os.rename("/tmp", "/x")', READ_ONLY],
  ['import os; os.remove("/lib/python314.zip")', READ_ONLY],
  ['import os; os.chmod("/tmp", 0)', READ_ONLY],
  ['import os; os.pipe()', /^PermissionError/],
  ['import os; x = os.dup(1)', /^(PermissionError|OSError)/],
  ['import os; x = os.write(1, b"abc")', /^x=3$/],
  ['print("x" * 10 ** 6); x = 1', /^x=1$/],
  ['import os; x = os.system("id")', /^x=-/],
  ['import os; os.popen("id")', UNAVAILABLE],
  ['import os; os.fork()', /^OSError/],
  ['import os; os.execv("/bin/sh", ["sh"])', /^OSError/],
  ['import pickle; x = pickle.loads(b"cos\\nsystem\\n(S\'id\'\\ntR.")', /^x=-/],
  ['import threading; threading.Thread(target=print).start()', /^RuntimeError: can't start new thread$/],
  ['import signal; signal.raise_signal(signal.SIGINT)', /^KeyboardInterrupt$/],
  ['import sys; sys.exit(3)', /^SystemExit: 3$/],
  ['import sys; sys.settrace(lambda *_: None); x = 1; sys.settrace(None)', /^x=1$/],
  ['import time; x = time.tzname, time.timezone, time.localtime().tm_gmtoff', /^x=\(\('UTC', 'UTC'\), 0, 0\)$/],
  ['import time; x = time.mktime((2024, 7, 1, 0, 0, 0, 0, 0, 0))', /^x=1719792000\.0$/],
  ['import time; x = time.mktime((10 ** 9, 1, 1, 0, 0, 0, 0, 0, 0))', /^(x=-1\.0|OverflowError.*)$/],
  ['import os, random, secrets; x = len(os.urandom(100000)), random.random() < 1', /^x=\(100000, True\)$/],
  ['import time; a = time.time(); time.sleep(0.01); x = 1.6e9 < a <= time.time()', /^x=True$/],
  ['def f(): return f()\nf()', /^RecursionError/],
  ['l = []\nfor _ in range(10 ** 4): l = [l]\nx = l == list(l)', /^x=True$/],
  ['import json; json.loads("[" * 10 ** 5)', /^(RecursionError|JSONDecodeError)/],
  ['x = compile("-" * 10 ** 5 + "1", "a", "eval")', /^(MemoryError: Parser|RecursionError)/],
  ['import re; re.compile("(" * 10 ** 5 + ")" * 10 ** 5)', /^(RecursionError|OverflowError)/],
  ['"x" * 10 ** 10', /^OverflowError/],
  ['x = int("9" * 5000)', /^ValueError: Exceeds the limit/],
  ['import marshal; marshal.loads(b"\\x00\\x01")', /^ValueError/],
  ['def f(): pass\nf.__code__ = f.__code__.replace(co_code=b"\\x44\\xff" * 50)\nf()', /Error/],
];

const SOURCE = `import json
CASES = json.loads(${JSON.stringify(JSON.stringify(ATTACKS.map(([code]) => code)))})
def transform(record):
    scope = {}
    exec(CASES[record["n"]], scope)
    raise type("Reached", (Exception,), {})(f"x={scope.get('x')}")
`;

let sandbox: FunctionSandbox;
const compiled = compilePython(SOURCE);

beforeAll(async () => {
  sandbox = openPython(compiled);
});
afterAll(() => sandbox.close());

test.each(ATTACKS.map((attack, index) => [...attack, index] as const))(
  '%s',
  async (_, outcome, index) => {
    const [failure] = await runRows(compiled, [[index]], sandbox);
    expect(String(failure).replace(/^FunctionThrew: Python: (Reached: )?/, '')).toMatch(outcome);
  },
  60_000,
);

test('what a function leaves in built-ins does not reach the answers', async () => {
  const source = `import builtins, json, decimal, datetime, uuid, sys
for module, names in ((json, "loads dumps JSONEncoder JSONDecoder"), (builtins, "len isinstance type str dict id zip range max")):
    for name in names.split(): setattr(module, name, None)
sys.modules.clear()
def transform(record):
    if record["n"] == 1: raise ValueError("one")
    return {"n": record["n"] + 1}`;
  const { code, message } = await endOfPython(source, PATIENT);
  expect([code, message]).toEqual(['none', '["FunctionThrew: Python: ValueError: one"]']);
});
