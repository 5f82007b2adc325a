import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The types of Node.js lack it. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (descriptor: { initial: number }) => Memory;
    readonly Module: { imports(module: object): { readonly kind: string; readonly name: string }[] };
    compile(bytes: Uint8Array): Promise<object>;
  };
};

interface Border {
  guard(
    imports: Record<string, Record<string, unknown>>,
  ): Record<string, Record<string, (...args: unknown[]) => unknown>>;
  attach(memory: Memory): void;
  close(extraBytes: number): void;
}

const PATH = new URL('../threads/python-border.mjs', import.meta.url).href;
const { createBorder } = (await import(PATH)) as { createBorder(end: (call: string) => never): Border };

const wasm = createRequire(import.meta.url).resolve('pyodide/pyodide.asm.wasm');
const imports = WebAssembly.Module.imports(await WebAssembly.compile(await readFile(wasm))).filter(
  ({ kind }) => kind === 'function',
);

/** What the interpreter imports, guarded; the host notes which of its functions were called. */
function closedBorder(): { call(name: string, ...args: unknown[]): unknown; reached: string[]; refused: string[] } {
  const reached: string[] = [];
  const refused: string[] = [];
  const border = createBorder((name) => {
    refused.push(name);
    throw new Error('refused');
  });
  const host = Object.fromEntries(imports.map(({ name }) => [name, () => reached.push(name)]));
  const { env = {} } = border.guard({ env: host });
  border.attach(new WebAssembly.Memory({ initial: 1 }));
  border.close(65536);
  return { call: (name, ...args) => env[name]?.(...args), reached, refused };
}

/** Functions of the host that an interpreter reaches once the border is closed: each has been read, and reaches nothing else. */
const REACHABLE = [
  '_PyEM_TrampolineCall_JS',
  '_Py_CheckEmscriptenSignals_Helper',
  '__call_sighandler',
  '__syscall_chdir',
  '__syscall_faccessat',
  '__syscall_fchdir',
  '__syscall_fstat64',
  '__syscall_getcwd',
  '__syscall_getdents64',
  '__syscall_lstat64',
  '__syscall_newfstatat',
  '__syscall_openat',
  '__syscall_readlinkat',
  '__syscall_stat64',
  '_gmtime_js',
  '_timegm_js',
  'clock_res_get',
  'clock_time_get',
  'emscripten_date_now',
  'emscripten_get_now',
  'emscripten_resize_heap',
  'fd_close',
  'fd_fdstat_get',
  'fd_pread',
  'fd_read',
  'fd_seek',
  'throw_no_gil',
];

test('a closed border lets through what is known to be harmless, and nothing that a new version brings', () => {
  const { call, reached } = closedBorder();
  for (const { name } of imports) {
    try {
      call(name, 0, 0, 0, 0);
    } catch {
      // Refused.
    }
  }
  expect([...new Set(reached)].toSorted()).toEqual(REACHABLE);
});

test('a call of JavaScript, of a library, of code in memory ends the function', () => {
  const { call, refused } = closedBorder();
  const names = [
    'JsProxy_GetAttr_js',
    'JsvFunction_CallBound',
    'emscripten_asm_const_int',
    '_dlopen_js',
    'ffi_call_js',
  ];
  for (const name of names) expect(() => call(name)).toThrow('refused');
  expect(refused).toEqual(names);
});

test('files are opened for reading alone', () => {
  const { call, reached } = closedBorder();
  for (const flags of [1, 2, 0o100, 0o1000, 0o1101]) expect(call('__syscall_openat', 0, 0, flags, 0)).toBe(-69);
  expect(reached).toEqual([]);
  call('__syscall_openat', 0, 0, 0o100000, 0);
  expect(reached).toEqual(['__syscall_openat']);
});

test('memory beyond the limit is refused before the host is asked', () => {
  const { call, reached } = closedBorder();
  expect(call('emscripten_resize_heap', 3 * 65536)).toBe(0);
  expect(call('emscripten_resize_heap', -1)).toBe(0);
  expect(reached).toEqual([]);
});

test('an interpreter that asks for more memory than it needs gets no more than it may have', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const border = createBorder((name) => {
    throw new Error(name);
  });
  const { env = {} } = border.guard({ env: { emscripten_resize_heap: () => memory.grow(10) > 0 } });
  border.attach(memory);
  border.close(2 * 65536);
  expect(env.emscripten_resize_heap?.(2 * 65536)).toBe(1);
  expect(memory.buffer.byteLength).toBe(3 * 65536);
  expect(() => memory.grow(1)).not.toThrow();
  expect(memory.buffer.byteLength).toBe(3 * 65536);
});

test('a function of the host that gets into the table of functions later is the one that was imported', () => {
  const original = (): string => 'reached';
  const border = createBorder((name) => {
    throw new Error(name);
  });
  border.guard({ env: { JsvObject_New: original, clock_time_get: original } });
  const { e = {} } = border.guard({ e: { f: () => 'unknown' } });
  border.attach(new WebAssembly.Memory({ initial: 1 }));
  border.close(0);
  expect(() => e.f?.()).toThrow('f');
});
