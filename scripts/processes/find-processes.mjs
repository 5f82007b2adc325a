import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * The processes with one of the given names whose current directory is the given one or below it. The servers that we
 * start change into their data directory, so this finds what an earlier start left behind there and nothing else, without
 * trusting a pid file. Processes of other users cannot be seen by an ordinary user; they are not ours either.
 * @param {string} directory
 * @param {readonly string[]} names
 * @returns {Promise<number[]>}
 */
export async function processesWorkingBelow(directory, names) {
  const root = await realpath(directory).catch(() => path.resolve(directory));
  const all = process.platform === 'linux' ? await linuxProcesses() : await lsofProcesses();
  return all
    .filter(({ name, cwd }) => names.includes(name) && (cwd === root || cwd.startsWith(root + path.sep)))
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid);
}

/**
 * The processes with one of the given names of which an argument contains a text. For servers under another account: the
 * arguments are visible where the current directory is not, such as to root in a container.
 * @param {string} text
 * @param {readonly string[]} names
 * @returns {Promise<number[]>}
 */
export async function processesWithArgument(text, names) {
  const all = process.platform === 'linux' ? await linuxArguments() : await psArguments();
  return all
    .filter(
      ({ args: [file = '', ...rest] }) => names.includes(path.basename(file)) && rest.some((arg) => arg.includes(text)),
    )
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid);
}

/**
 * The processes that inherited an environment variable with this value (Linux only; elsewhere none).
 * @param {string} name
 * @param {string} value
 * @returns {Promise<number[]>}
 */
export async function processesWithEnvironment(name, value) {
  const entry = `${name}=${value}`;
  const found = await Promise.all(
    (await linuxPids()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return pid !== process.pid && environment.split('\0').includes(entry) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** @returns {Promise<number[]>} */
async function linuxPids() {
  if (process.platform !== 'linux') return [];
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function linuxProcesses() {
  const found = await Promise.all(
    (await linuxPids()).map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
      const name = cwd === null ? null : await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
      return cwd === null || name === null ? [] : [{ pid, name: name.trim(), cwd: cwd.replace(/ \(deleted\)$/, '') }];
    }),
  );
  return found.flat();
}

async function linuxArguments() {
  return Promise.all(
    (await linuxPids()).map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid, args: text.split('\0') };
    }),
  );
}

async function psArguments() {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 16 << 20 });
  return stdout.split('\n').map((line) => {
    const [pid, ...args] = line.trim().split(' ');
    return { pid: Number(pid), args };
  });
}

async function lsofProcesses() {
  // Lines "p<pid>", "c<name>" and "n<directory>". It ends with an error when some processes could not be looked at.
  const { stdout } = await promisify(execFile)('lsof', ['-d', 'cwd', '-Fpcn'], { maxBuffer: 16 << 20 }).catch(
    (error) => ({
      stdout: String(error.stdout ?? ''),
    }),
  );
  /** @type {{ pid: number, name: string, cwd: string }[]} */
  const found = [];
  let [pid, name] = [0, ''];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    if (line.startsWith('c')) name = line.slice(1);
    if (line.startsWith('n')) found.push({ pid, name, cwd: line.slice(1) });
  }
  return found;
}
