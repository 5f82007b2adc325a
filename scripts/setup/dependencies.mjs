import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../files/private-json.mjs';
import { repositoryRoot } from '../paths.mjs';
import { processesWithEnvironment } from '../processes/find-processes.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { withLock } from '../processes/lock.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

/** The npm that installs carries this variable, with the directory as its value. */
const INSTALL_VARIABLE = 'PENSTOCK_INSTALLS';

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }>} LockedPackages */

/**
 * Installs the dependencies when they are missing or not those of package-lock.json.
 * @param {{ root?: string, report?: (line: string) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<boolean>} whether something was installed
 */
export async function ensureDependencies({ root = repositoryRoot, report = console.log, signal } = {}) {
  if ((await missingDependencies(root)).length === 0) return false;
  const lock = path.join(root, '.cache', 'install.lock');
  return withLock(lock, { timeoutMs: 600_000, what: 'waiting for another process that installs' }, async () => {
    const missing = await missingDependencies(root);
    if (missing.length === 0) return false;
    await stopInterrupted(root);
    const isNew = !existsSync(path.join(root, 'node_modules', '.package-lock.json'));
    report(isNew ? 'installing the dependencies ...' : `installing ${missing.length} changed dependencies ...`);
    // `npm ci` begins by removing everything, which would pull the ground from under what runs from this directory.
    await npm(isNew ? ['ci'] : ['install', '--no-save'], { cwd: root, signal });
    const still = await missingDependencies(root);
    if (still.length === 0) return true;
    throw new Error(`package-lock.json does not fit package.json (${still.slice(0, 3).join(', ')}): run npm install`);
  });
}

/**
 * The packages of package-lock.json that are not installed in that version. npm writes what it installed into
 * node_modules/.package-lock.json, as its last step.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function missingDependencies(root) {
  const locked = (await readJson(path.join(root, 'package-lock.json'))).packages;
  const installed = (await readJson(path.join(root, 'node_modules', '.package-lock.json')))?.packages ?? {};
  const removedByHand = Object.keys(installed).filter((name) => !existsSync(path.join(root, name)));
  return [...differences(locked, installed), ...removedByHand];
}

/**
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 */
function differences(locked, installed) {
  return Object.entries(locked).flatMap(([name, wanted]) => {
    if (!name.includes('node_modules/')) return [];
    const present = installed[name];
    // An optional one may be for another platform.
    if (!present) return wanted.optional ? [] : [name];
    return present.version === wanted.version && present.integrity === wanted.integrity ? [] : [name];
  });
}

/**
 * Ends the npm of an installation that was killed: it lives on, and two of them at once destroy each other's work.
 * @param {string} root
 */
async function stopInterrupted(root) {
  for (const pid of await processesWithEnvironment(INSTALL_VARIABLE, root)) {
    await stopProcess(await identifyProcess(pid), { signals: [{ signal: 'SIGKILL', graceMs: 10_000 }] });
  }
}

/**
 * @param {string[]} args
 * @param {{ cwd: string, signal: AbortSignal | undefined }} options
 */
async function npm(args, options) {
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  // Under npm its own file is known, so that the same npm goes on; a bare `npm` may be a shell script.
  const { npm_execpath: script } = process.env;
  const command = script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
  const env = { ...process.env, [INSTALL_VARIABLE]: options.cwd };
  await runCommand([...command, ...args, ...flags], { ...options, env, show: true });
}
