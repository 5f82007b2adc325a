// What an interpreter of Python may call of the host. WebAssembly reaches the host through its imports and through nothing else,
// whatever code runs in it: hence this border holds even where Python's own would not. While the interpreter starts it may call
// everything; once `close` has been called, only what is listed below, and with the meaning that it has there.

/** Error numbers as the interpreter's C library has them, negative as a system call gives them. */
const EBADF = -8;
const ENOSYS = -52;
const ENOTTY = -59;
const EPERM = -63;
const EROFS = -69;

/** Calls that keep their meaning: arithmetic, the clock, and reading the files in the interpreter's memory. */
const KEPT = new Set([
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
  '__syscall_readlinkat',
  '__syscall_stat64',
  '_gmtime_js',
  'clock_res_get',
  'clock_time_get',
  'emscripten_date_now',
  'emscripten_get_now',
  'fd_close',
  'fd_fdstat_get',
  'fd_pread',
  'fd_read',
  'fd_seek',
  'throw_no_gil',
]);

/** Calls that give the same always; most say that there is no such thing. */
const CONSTANT = {
  __syscall_accept4: EPERM,
  __syscall_bind: EPERM,
  __syscall_chmod: EROFS,
  __syscall_connect: EPERM,
  __syscall_dup: EPERM,
  __syscall_dup3: EPERM,
  __syscall_fadvise64: 0,
  __syscall_fallocate: EROFS,
  __syscall_fchmod: EROFS,
  __syscall_fchmodat2: EROFS,
  __syscall_fchown32: EROFS,
  __syscall_fchownat: EROFS,
  __syscall_fcntl64: EPERM,
  __syscall_fdatasync: 0,
  __syscall_fstatfs64: ENOSYS,
  __syscall_ftruncate64: EROFS,
  __syscall_getpeername: EBADF,
  __syscall_getsockname: EBADF,
  __syscall_getsockopt: EBADF,
  __syscall_getuid32_js: 0,
  __syscall_ioctl: ENOTTY,
  __syscall_ioctl_js: ENOTTY,
  __syscall_listen: EPERM,
  __syscall_mkdirat: EROFS,
  __syscall_mknodat: EROFS,
  __syscall_pipe: EPERM,
  __syscall_poll: EPERM,
  __syscall_recvfrom: EPERM,
  __syscall_recvmsg: EPERM,
  __syscall_renameat: EROFS,
  __syscall_rmdir: EROFS,
  __syscall_sendmsg: EPERM,
  __syscall_sendto: EPERM,
  __syscall_socket: EPERM,
  __syscall_statfs64: ENOSYS,
  __syscall_symlinkat: EROFS,
  __syscall_truncate64: EROFS,
  __syscall_umask_js: 0,
  __syscall_unlinkat: EROFS,
  __syscall_utimensat: EROFS,
  _emscripten_system: EPERM,
  _mmap_js: ENOSYS,
  _msync_js: ENOSYS,
  _munmap_js: ENOSYS,
  _setitimer_js: EPERM,
  _try_fcntl64: 0,
  _try_shutdown: 0,
  can_run_sync_js: 0,
  fd_pwrite: -EBADF,
  fd_sync: 0,
  gc_register_proxies: undefined,
  // These three say that nothing is to be waited for.
  _maybe_connect_async: null,
  _maybe_poll_async: null,
  _maybe_recvfrom_async: null,
  _maybe_sendto_async: null,
};

/** The text `UTC` as C has it. */
const UTC = [85, 84, 67, 0];

const PAGE_BYTES = 64 * 1024;

/** Calls whose answers the interpreter keeps. */
const FROM_THE_START = new Set(['_tzset_js', '_localtime_js', '_mktime_js']);

/** Of the flags of opening a file: writing, reading and writing, making it, emptying it. */
const WRITING = 0o1 | 0o2 | 0o100 | 0o1000;

/**
 * Makes the border of one interpreter. `end(call)` is told of a call that is not allowed, and throws. Answers with `guard`, which
 * takes the imports of a WebAssembly module and gives those to use instead; `attach`, which takes the interpreter's memory; `close`,
 * after which the border holds and the memory grows by a number of bytes at most; `hasRefusedMemory`.
 */
export function createBorder(end) {
  let isClosed = false;
  let maxBytes = Number.MAX_SAFE_INTEGER;
  let neededBytes = 0;
  let hasRefusedMemory = false;
  let memory;
  /** Which import a function of the host is: they may come again, to be put into the table of functions. */
  const names = new Map();
  const originals = {};
  const random = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
  const bytes = () => new Uint8Array(memory.buffer);

  const replaced = {
    __syscall_openat: (directory, path, flags, mode) =>
      (flags & WRITING) === 0 ? originals.__syscall_openat(directory, path, flags, mode) : EROFS,
    // The same wherever the process runs: in UTC, which has no summer time.
    _tzset_js: (timezone, daylight, standardName, summerName) => {
      const view = new DataView(memory.buffer);
      view.setInt32(timezone, 0, true);
      view.setInt32(daylight, 0, true);
      for (const name of [standardName, summerName]) bytes().set(UTC, name);
    },
    _localtime_js: (time, to) => {
      originals._gmtime_js(time, to);
      new Int32Array(memory.buffer, to + 32, 2).fill(0);
    },
    _mktime_js: (from) => secondsOf(from),
    _timegm_js: (from) => secondsOf(from),
    emscripten_get_heap_max: () => maxBytes,
    emscripten_resize_heap: (size) => {
      neededBytes = size >>> 0;
      const hasGrown = neededBytes <= maxBytes && originals.emscripten_resize_heap(size) === true;
      hasRefusedMemory ||= !hasGrown;
      return hasGrown ? 1 : 0;
    },
    // What is printed is dropped.
    fd_write: (_file, parts, count, written) => {
      const view = new DataView(memory.buffer);
      let length = 0;
      for (let index = 0; index < count; index++) length += view.getUint32(parts + 8 * index + 4, true);
      view.setUint32(written, length, true);
      return 0;
    },
    random_get: (to, length) => {
      for (let at = 0; at < length; at += 65536) random(bytes().subarray(to + at, to + Math.min(length, at + 65536)));
      return 0;
    },
  };

  /** Throws nothing: what lies beyond all dates is -1, as in C. */
  function secondsOf(from) {
    try {
      return originals._timegm_js(from);
    } catch {
      return -1n;
    }
  }

  function guardOne(name, original) {
    names.set(original, name);
    originals[name] = original;
    if (KEPT.has(name)) return original;
    const instead = Object.hasOwn(replaced, name)
      ? replaced[name]
      : Object.hasOwn(CONSTANT, name)
        ? () => CONSTANT[name]
        : () => end(name);
    if (FROM_THE_START.has(name)) return instead;
    return (...args) => (isClosed ? instead(...args) : original(...args));
  }

  function guardModule(imports) {
    const guarded = {};
    for (const [name, value] of Object.entries(imports)) {
      guarded[name] = typeof value === 'function' ? guardOne(names.get(value) ?? name, value) : value;
    }
    return guarded;
  }

  return {
    /** Imports that are looked up by whatever name a module asks for hold numbers, which do nothing. */
    guard(imports) {
      const guarded = {};
      for (const [name, module] of Object.entries(imports)) {
        guarded[name] = name.startsWith('GOT.') ? module : guardModule(module);
      }
      return guarded;
    },
    attach(interpreterMemory) {
      memory = interpreterMemory;
    },
    close(extraBytes) {
      maxBytes = memory.buffer.byteLength + extraBytes;
      isClosed = true;
      const grow = memory.grow.bind(memory);
      // The interpreter asks for more than it needs, to ask less often.
      memory.grow = (pages) => {
        const allowed = Math.min(pages, Math.floor((maxBytes - memory.buffer.byteLength) / PAGE_BYTES));
        if (memory.buffer.byteLength + allowed * PAGE_BYTES < neededBytes) throw new RangeError('out of memory');
        return grow(allowed);
      };
    },
    hasRefusedMemory: () => hasRefusedMemory,
  };
}
