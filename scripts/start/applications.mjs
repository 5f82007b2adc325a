import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writePrivateJson } from '../files/private-json.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { keepApplicationRunning } from './application.mjs';
import { OWNER_VARIABLE, PROCESSES_FILE } from './ownership.mjs';

const READY_TIMEOUT_MS = 60_000;

/** Something that ends this often right after the start does not become better by trying again. */
const HOPELESS_AFTER = 3;

/**
 * Starts the api and the workers. Whenever one is started again, its new pid is written down.
 * @param {import('./main.mjs').StartContext} context
 * @param {{ host: string, port: number, url: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ check: () => Promise<void> }>} `check` throws when one of them does not stay up
 */
export async function startApplications({ settings, lifetime, reporter, demo }, { host, port, url, env }) {
  const { dataDirectory, workers } = settings;
  const processesFile = path.join(dataDirectory, PROCESSES_FILE);
  /** @type {Record<string, import('../processes/identity.mjs').ProcessIdentity>} */
  const running = {};
  lifetime.defer('the list of processes', () => demo.update({ apiPid: null, workerPids: [] }));

  /** @param {string} name */
  const remember = (name) => async (/** @type {import('../processes/identity.mjs').ProcessIdentity} */ identity) => {
    running[name] = identity;
    await writePrivateJson(processesFile, running);
    const workerPids = workerNames.flatMap((worker) => running[worker]?.pid ?? []);
    await demo.update({ apiPid: running.api?.pid ?? null, workerPids });
  };
  const workerNames = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const applications = [
    { name: 'api', application: /** @type {const} */ ('api'), env: { ...env, HOST: host, PORT: String(port) } },
    ...workerNames.map((name) => ({ name, application: /** @type {const} */ ('worker'), env })),
  ];
  const starts = await Promise.allSettled(
    applications.map(async ({ name, application, env: applicationEnv }) => ({
      name,
      ...(await keepApplicationRunning({
        name,
        application,
        env: { ...applicationEnv, [OWNER_VARIABLE]: dataDirectory },
        logDirectory: path.join(dataDirectory, 'logs'),
        report: reporter.line,
        onStart: remember(name),
      })),
    })),
  );
  const kept = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  lifetime.defer('api and workers', async () => {
    await Promise.all(kept.map((one) => one.stop()));
  });
  const refused = starts.find((start) => start.status === 'rejected');
  if (refused) throw refused.reason;

  const check = async () => {
    const hopeless = kept.find((one) => one.restarts() >= HOPELESS_AFTER);
    if (hopeless)
      throw new Error(
        `${hopeless.name} does not stay up; the end of ${hopeless.logFile}:\n${await tail(hopeless.logFile)}`,
      );
  };
  const ready = async () => {
    await check();
    return isReady(url);
  };
  const what = `an answer of ${url}/health/ready`;
  await waitUntil(ready, { timeoutMs: READY_TIMEOUT_MS, everyMs: 100, what, signal: lifetime.signal });
  return { check };
}

/** @param {string} url */
async function isReady(url) {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

/** @param {string} file */
async function tail(file) {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
}
