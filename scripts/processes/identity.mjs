import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * A process, so that it is not mistaken for a later one with the same pid: pids are used again, the moment at which a
 * process started is not.
 * @typedef {{ pid: number, startedAt: string }} ProcessIdentity
 */

/**
 * The identity of a running process, or null when there is none (a zombie does not run any more).
 * @param {number} pid
 * @returns {Promise<ProcessIdentity | null>}
 */
export async function identifyProcess(pid) {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await psStart(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/**
 * Whether exactly this process still runs.
 * @param {ProcessIdentity | null | undefined} identity
 */
export async function isRunning(identity) {
  if (!identity) return false;
  return (await identifyProcess(identity.pid))?.startedAt === identity.startedAt;
}

/** @param {number} pid */
async function linuxStart(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The second field is the command in parentheses and may itself contain anything, so count from its end.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  // Ticks since boot (field 22), so the boot belongs to it.
  return `${(await bootId()).slice(0, 8)}-${rest[18]}`;
}

async function bootId() {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** @param {number} pid */
async function psStart(pid) {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
