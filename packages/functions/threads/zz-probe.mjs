import { loadPyodide } from 'pyodide';

const t0 = performance.now();
let locked = false,
  exports_;
const calls = new Map();
const real = WebAssembly.instantiate;
const guard =
  (name, f) =>
  (...a) => {
    if (locked) calls.set(name, (calls.get(name) ?? 0) + 1);
    return f(...a);
  };
WebAssembly.instantiate = async (m, imports) => {
  if (imports === undefined) return real(m);
  const g = { ...imports };
  for (const k of ['env', 'wasi_snapshot_preview1'])
    if (g[k])
      g[k] = Object.fromEntries(Object.entries(g[k]).map(([n, f]) => [n, typeof f === 'function' ? guard(n, f) : f]));
  const r = await real(m, g);
  exports_ = (r.instance ?? r).exports;
  return r;
};
const py = await loadPyodide({ jsglobals: {}, stdout() {}, stderr() {}, stdin: () => undefined, env: {} });
console.log(
  'boot',
  performance.now() - t0,
  'mem',
  exports_.memory.buffer.byteLength / 2 ** 20,
  'rss',
  process.memoryUsage().rss / 2 ** 20,
);
console.log(py.runPython('import sys; sorted(sys.modules)').toString());
console.log(py.runPython('sys.meta_path').toString(), py.runPython('sys.path_hooks').toString());
console.log(py.runPython('sys.builtin_module_names').toString());
locked = true;
const e = exports_;
function str(s) {
  const b = new TextEncoder().encode(s);
  const p = e.malloc(b.length + 1);
  new Uint8Array(e.memory.buffer).set(b, p);
  new Uint8Array(e.memory.buffer)[p + b.length] = 0;
  return [p, b.length];
}
const run = (code) => {
  const [p] = str(code);
  const r = e.PyRun_SimpleStringFlags(p, 0);
  e.free(p);
  return r;
};
const show = (label, code) => {
  calls.clear();
  const t = performance.now();
  let r;
  try {
    r = run(code);
  } catch (x) {
    r = 'JS ' + x;
  }
  console.log(label, r, (performance.now() - t).toFixed(1), [...calls].map(([a, b]) => a + ':' + b).join(' '));
};
show('noop', 'pass');
show(
  'imports',
  'import json, decimal, datetime, uuid, re, math, hashlib, random, collections, itertools, string, statistics, time, zoneinfo, urllib.parse, base64, textwrap, unicodedata, dataclasses, enum, typing, functools, ipaddress, html, csv, io, locale, calendar, fractions, hmac, secrets',
);
show(
  'time',
  'import time,datetime; time.time(); datetime.datetime.now(); time.localtime(); datetime.datetime.now().astimezone(); time.mktime(time.localtime()); time.sleep(0.01); time.strftime("%A"); time.monotonic(); time.process_time(); time.perf_counter()',
);
show('random', 'import random,os,uuid,secrets; random.random(); os.urandom(5); uuid.uuid4(); secrets.token_hex()');
show('print', 'print("x"*10)\nimport sys; sys.stderr.write("a\\n"); sys.stdout.flush()');
show('exc', 'def f(): return f()\ntry: f()\nexcept RecursionError: pass');
show('mem', 'x=[0]*10**7; del x');
show(
  'thread',
  'import threading\ntry: threading.Thread(target=print).start()\nexcept Exception as e: assert "start" in str(e)',
);
show(
  'files',
  'import os; os.listdir("/"); open("/lib/python314.zip","rb").read(10); os.getcwd(); os.path.exists("/etc"); os.stat("/"); os.scandir("/tmp").close()',
);
show('loop', 's=0\nfor i in range(1000000): s+=i');
show('sorted', 'sorted(range(100000),key=lambda x:-x); "".join(map(str,range(10000)))');
show('input', 'try: input()\nexcept EOFError: pass');
show('tz', 'import zoneinfo\ntry: zoneinfo.ZoneInfo("Europe/Oslo")\nexcept Exception as e: print(e)');
process.exit();
