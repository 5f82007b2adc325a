import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '../migrate.mjs';
import { untilAborted } from '../processes/lifetime.mjs';
import { choosePort, isPortFree } from '../services/ports.mjs';
import { build } from '../setup/build.mjs';
import { startApplications } from './applications.mjs';
import { showDemo } from './demo.mjs';
import { ownDataDirectory, stopLeftovers } from './ownership.mjs';
import { provideServices } from './services.mjs';
import { readSecrets } from './settings.mjs';
import { openStateFile } from './state-file.mjs';

/**
 * @typedef {object} StartContext
 * @property {import('./settings.mjs').StartSettings} settings
 * @property {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @property {import('./reporter.mjs').Reporter} reporter
 * @property {Awaited<ReturnType<typeof openStateFile<any>>>} demo what `demo.json` holds
 */

/**
 * Everything that `npm start` does once the dependencies are there. Returns when it is told to stop.
 * @param {Omit<StartContext, 'demo'>} options
 */
export async function start({ settings, lifetime, reporter }) {
  const { dataDirectory } = settings;
  await takeOver(settings, lifetime, reporter);
  const demoFile = path.join(dataDirectory, 'demo.json');
  const demo = await openStateFile(demoFile, { url: '', adminKey: '', apiPid: null, workerPids: [] });
  const context = { settings, lifetime, reporter, demo };
  const address = await chooseAddress(settings, demo.current.url);

  const services = await provideServices(context);
  await reporter.stage('migrations', () => migrateDatabase(services.controlUrl));
  await reporter.stage('build', async () => ({ result: await build(lifetime.signal), words: 'up to date' }));
  const env = await prepareApplications(context, { services, url: address.url });
  const { check } = await reporter.stage('processes', async () => {
    const result = await startApplications(context, { ...address, env });
    return { result, words: `one api on ${address.url}, ${settings.workers} worker${settings.workers > 1 ? 's' : ''}` };
  });
  const { serverUrl } = services;
  const filesRoot = env.FILESYSTEM_ROOT ?? '';
  await showDemo(context, { serverUrl, demoFile, filesRoot, check });
  reporter.line('\nPenstock is running. Ctrl-C stops everything; the next npm start continues with the same data.');
  await untilAborted(lifetime.signal);
}

/**
 * Makes the data directory ours, and ends what an earlier start left behind when it was killed.
 * @param {import('./settings.mjs').StartSettings} settings
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {import('./reporter.mjs').Reporter} reporter
 */
async function takeOver({ dataDirectory }, lifetime, reporter) {
  // Another account that runs PostgreSQL may have to pass through the first; the second is nobody's business.
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 });
  await mkdir(path.join(dataDirectory, 'logs'), { recursive: true, mode: 0o700 });
  lifetime.defer('the lock', await ownDataDirectory(dataDirectory, reporter.line));
  const count = await stopLeftovers(dataDirectory);
  if (count)
    reporter.line(`  cleaned up   ${count} process${count > 1 ? 'es' : ''} of an earlier start that was killed`);
}

/** @param {string} controlUrl */
async function migrateDatabase(controlUrl) {
  const { applied } = await migrate(controlUrl);
  return { result: undefined, words: applied.length ? `applied ${applied.length}` : 'up to date' };
}

/**
 * @param {StartContext} context
 * @param {{ services: import('./services.mjs').Services, url: string }} options
 * @returns {Promise<NodeJS.ProcessEnv>} the environment of the api and the workers
 */
async function prepareApplications({ settings, demo }, { services, url }) {
  // It was built a moment ago.
  const { generateApiKey } = await import('@penstock/domain');
  const { masterKey, adminKey } = await readSecrets(settings.dataDirectory, process.env, generateApiKey);
  const { controlUrl: databaseUrl, redisUrl } = services;
  await demo.update({ url, adminKey, databaseUrl, redisUrl });
  // What the demo reads and writes; whoever has files of their own names another directory.
  const filesRoot = process.env.FILESYSTEM_ROOT || path.join(settings.dataDirectory, 'files');
  await mkdir(filesRoot, { recursive: true, mode: 0o700 });
  return {
    NODE_ENV: 'production',
    ...process.env,
    FILESYSTEM_ROOT: filesRoot,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PENSTOCK_MASTER_KEY: masterKey,
    PENSTOCK_ADMIN_KEY: adminKey,
  };
}

/**
 * The port that the user wants, else the one of the last start, else the usual one, else any.
 * @param {import('./settings.mjs').StartSettings} settings
 * @param {string} lastUrl
 */
async function chooseAddress({ host, fixedPort, defaultPort }, lastUrl) {
  if (fixedPort && !(await isPortFree(fixedPort, host)))
    throw new Error(`port ${fixedPort} is in use: choose another PORT`);
  const lastPort = lastUrl ? Number(new URL(lastUrl).port) : defaultPort;
  const port = fixedPort ?? (await choosePort(lastPort));
  const name = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return { host, port, url: `http://${name.includes(':') ? `[${name}]` : name}:${port}` };
}
