import path from 'node:path';
import { readJson } from '../files/private-json.mjs';
import { processesWithEnvironment } from '../processes/find-processes.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { acquireLock, readOwner } from '../processes/lock.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

/** Which processes there are, by name. */
export const PROCESSES_FILE = 'processes.json';

/** Every process of a start carries this variable, with the data directory as its value. */
export const OWNER_VARIABLE = 'PENSTOCK_STARTED_FOR';

/** Time for an earlier start to stop that is about to. */
const PATIENCE_MS = 10_000;

const ABANDONED = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 3_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/**
 * Makes this process the only one that works on the data directory.
 * @param {string} dataDirectory
 * @param {(line: string) => void} report
 * @returns {Promise<() => Promise<void>>} gives it back
 */
export async function ownDataDirectory(dataDirectory, report) {
  const file = path.join(dataDirectory, 'start.lock');
  const what = 'owning the data directory';
  try {
    return await acquireLock(file, { timeoutMs: 300, what });
  } catch (error) {
    const owner = await readOwner(file);
    if (!owner) throw error;
    report(`${dataDirectory} is in use by process ${owner.pid}: waiting for its end ...`);
    return await acquireLock(file, { timeoutMs: PATIENCE_MS, what }).catch(() => {
      throw new Error(`Penstock is running already on ${dataDirectory} (process ${owner.pid}).
Stop it first, or use another directory: PENSTOCK_DATA_DIR=... npm start`);
    });
  }
}

/**
 * Ends the api and the workers that an earlier start left behind when it was killed.
 * @param {string} dataDirectory
 * @returns {Promise<number>} how many there were
 */
export async function stopLeftovers(dataDirectory) {
  /** @type {import('../processes/identity.mjs').ProcessIdentity[]} */
  const recorded = Object.values((await readJson(path.join(dataDirectory, PROCESSES_FILE))) ?? {});
  // Also one that was started a moment before the kill, and is not written down yet.
  const marked = await Promise.all(
    (await processesWithEnvironment(OWNER_VARIABLE, dataDirectory)).map(identifyProcess),
  );
  const all = new Map([...recorded, ...marked.flatMap((one) => one ?? [])].map((one) => [one.pid, one]));
  const stopped = await Promise.all([...all.values()].map((one) => stopProcess(one, { signals: ABANDONED })));
  return stopped.filter(Boolean).length;
}
