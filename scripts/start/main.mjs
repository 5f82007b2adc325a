import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '../migrate.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { choosePort, isPortFree } from '../services/ports.mjs';
import { build } from '../setup/build.mjs';
import { keepApplicationRunning } from './application.mjs';
import { showDemo } from './demo.mjs';
import { OWNER_VARIABLE, ownDataDirectory, stopLeftovers } from './ownership.mjs';
import { provideServices } from './services.mjs';
import { readSecrets } from './settings.mjs';
import { openStateFile } from './state-file.mjs';

const READY_TIMEOUT_MS = 60_000;
/** An api that ends this often before it was ever ready will not become so by trying again. */
const HOPELESS_AFTER = 3;

/**
 * Everything that `npm start` does once the dependencies are there. Returns when it is told to stop.
 * @param {import('./settings.mjs').StartSettings} settings
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {import('./reporter.mjs').Reporter} reporter
 */
export async function start(settings, lifetime, reporter) {
  const { dataDirectory } = settings;
  const logDirectory = path.join(dataDirectory, 'logs');
  // Another account that runs PostgreSQL may have to pass through the first; the second is nobody's business.
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 });
  await mkdir(logDirectory, { recursive: true, mode: 0o700 });
  lifetime.defer('the lock', await ownDataDirectory(dataDirectory));
  const processesFile = path.join(dataDirectory, 'processes.json');
  const leftovers = await stopLeftovers(dataDirectory, processesFile);
  if (leftovers)
    reporter.line(
      `  cleaned up   ${leftovers} process${leftovers > 1 ? 'es' : ''} of an earlier start that was killed`,
    );

  const services = await provideServices(settings, lifetime, reporter);
  lifetime.signal.throwIfAborted();
  await reporter.stage('database', () => migrateDatabase(services.controlUrl));
  await reporter.stage('build', async () => ({ result: await build(lifetime.signal), words: 'every package' }));
  lifetime.signal.throwIfAborted();

  const demoFile = await openStateFile(path.join(dataDirectory, 'demo.json'), { apiPid: null, workerPids: [] });
  const { generateApiKey } = await import('@penstock/domain');
  const secrets = await readSecrets(dataDirectory, process.env, generateApiKey);
  const port = await choosePublicPort(settings, demoFile.current);
  const url = `http://${['0.0.0.0', '::'].includes(settings.host) ? '127.0.0.1' : settings.host}:${port}`;
  await demoFile.update({
    url,
    adminKey: secrets.adminKey,
    databaseUrl: services.controlUrl,
    redisUrl: services.redisUrl,
  });
}
