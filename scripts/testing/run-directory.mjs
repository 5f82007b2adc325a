import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { readJson, writePrivateJson } from '../files/private-json.mjs';
import { cacheDirectory } from '../paths.mjs';
import {
  processesWithArgument,
  processesWithEnvironment,
  processesWorkingBelow,
} from '../processes/find-processes.mjs';
import { identifyProcess, isRunning } from '../processes/identity.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

/** Every process of a run of the tests carries this variable, with the id of the run as its value. */
export const RUN_VARIABLE = 'PENSTOCK_TEST_RUN';

const RECORDS = path.join(cacheDirectory, 'test-runs');

/**
 * A temporary directory for one run of the tests or benchmarks. It is written down where it is and whose it is, so that a
 * later run can clean up after one that was killed.
 * @param {string} base where to make it
 * @param {{ records?: string }} [options]
 */
export async function createRunDirectory(base, { records = RECORDS } = {}) {
  const id = randomBytes(8).toString('hex');
  await mkdir(base, { recursive: true });
  const directory = await mkdtemp(path.join(base, 'penstock-'));
  // Another account that runs PostgreSQL may have to pass through.
  await chmod(directory, 0o711);
  const record = path.join(records, `${id}.json`);
  await writePrivateJson(record, { id, directory, owner: await identifyProcess(process.pid) });
  return { id, directory, remove: () => removeRun({ id, directory }, record) };
}

/**
 * Removes what runs that were killed have left behind: their processes and their directories.
 * @param {{ records?: string }} [options]
 * @returns {Promise<number>} how many runs there were
 */
export async function removeAbandonedRuns({ records = RECORDS } = {}) {
  const names = await readdir(records).catch(() => []);
  const removed = await Promise.all(
    names.map(async (name) => {
      const record = path.join(records, name);
      const run = await readJson(record);
      if (run === undefined || (await isRunning(run.owner))) return [];
      await removeRun(run, record);
      return [name];
    }),
  );
  return removed.flat().length;
}

/**
 * The servers work in the directory, everything else carries the variable.
 * @param {{ id: string, directory: string }} run
 * @param {string} record
 */
async function removeRun({ id, directory }, record) {
  await end(await processesWithEnvironment(RUN_VARIABLE, id));
  await end(await processesWithArgument(directory, ['postgres', 'initdb']));
  await end(await processesWorkingBelow(directory, ['postgres', 'redis-server', 'valkey-server']));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  await rm(record, { force: true });
}

/**
 * Without ceremony: what they know is worth nothing any more.
 * @param {number[]} pids
 */
async function end(pids) {
  const identities = await Promise.all(pids.map(identifyProcess));
  await Promise.all(identities.map((one) => stopProcess(one, { signals: [{ signal: 'SIGKILL', graceMs: 10_000 }] })));
}
