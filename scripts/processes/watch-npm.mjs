import { readFileSync } from 'node:fs';

const CHECK_MS = 500;
const SHELL = /^(ba|da|a|k|z|)sh$/;

/**
 * npm can be killed without its script hearing of it, and then nobody knows any more that the script is there. Calls back
 * when that has happened.
 * @param {() => void} callback
 * @returns {() => void} ends the watch
 */
export function watchNpm(callback) {
  const { npm_lifecycle_event: script } = process.env;
  if (script === undefined) return () => {};
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    callback();
  }, CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Who started us: npm, or a shell and npm. A process whose parent died gets another one. */
function ancestors() {
  const parent = readStat(process.ppid);
  return parent && SHELL.test(parent.name) ? `${process.ppid} ${parent.ppid}` : String(process.ppid);
}

/** @param {number} pid */
function readStat(pid) {
  if (process.platform !== 'linux') return undefined;
  try {
    const [, name = '', ppid] = /\((.*)\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, ppid: Number(ppid) };
  } catch {
    return undefined;
  }
}
