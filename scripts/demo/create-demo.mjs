import { createApiClient } from './api-client.mjs';
import {
  CUSTOMERS_TABLE,
  connectionDefinition,
  customersConnectionDefinition,
  customersExportDefinition,
  filesDefinition,
  IDENTIFIERS,
  NEWSLETTER_FILE,
  newsletterDefinition,
  pipelineDefinition,
  profilesFileDefinition,
  QUERY,
  workspaceDefinition,
} from './definitions.mjs';
import { ensureDestinationDatabase } from './destination-database.mjs';
import { ensureNewsletterFile } from './newsletter-file.mjs';
import { ensureSourceDatabase } from './source-database.mjs';
import { createWarehouseDatabase } from './warehouse-database.mjs';

const PERIOD = '1h';

/**
 * @typedef {object} Demo
 * @property {string} url
 * @property {string} adminKey
 * @property {string | undefined} [apiKey]
 * @property {number | undefined} [workspace]
 * @property {number | undefined} [connection]
 * @property {number | undefined} [pipeline]
 * @property {number | undefined} [newsletterConnection]
 * @property {number | undefined} [newsletterPipeline]
 * @property {number | undefined} [customersConnection]
 * @property {number | undefined} [customersPipeline]
 * @property {number | undefined} [fileConnection]
 * @property {number | undefined} [filePipeline]
 * @property {string | undefined} [sourceUrl]
 * @property {string | undefined} [warehouseUrl]
 * @property {string | undefined} [destinationUrl]
 * @property {string | undefined} [filesRoot]
 */

/** What belongs to a workspace and goes with it. */
const OF_WORKSPACE = /** @type {const} */ ({
  apiKey: undefined,
  connection: undefined,
  pipeline: undefined,
  newsletterConnection: undefined,
  newsletterPipeline: undefined,
  customersConnection: undefined,
  customersPipeline: undefined,
  fileConnection: undefined,
  filePipeline: undefined,
});

/** @typedef {{ readonly current: Demo, update: (change: Partial<Demo>) => Promise<void> }} DemoState */

/**
 * Makes whatever of the demo is not there. Each step is written down at once: a start that was killed in between goes on
 * where it was.
 * @param {DemoState} state
 * @param {{ serverUrl: string, filesRoot: string }} places the PostgreSQL server for the databases of the demo, and the directory for its files
 * @returns {Promise<{ created: string[] }>}
 */
export async function ensureDemo(state, { serverUrl, filesRoot }) {
  const source = await ensureSourceDatabase(serverUrl);
  const destination = await ensureDestinationDatabase(serverUrl);
  await state.update({ sourceUrl: source.url, destinationUrl: destination.url, filesRoot });
  await ensureNewsletterFile(filesRoot);
  const created = source.created ? ['source database'] : [];
  if (await ensureWorkspace(state, serverUrl)) created.push('workspace');
  if (await ensureKey(state)) created.push('API key');
  await setResolution(state);
  const connections = await makeMissing(state, CONNECTIONS);
  const pipelines = await makeMissing(state, PIPELINES);
  if (connections > 0) created.push(`${connections} connections`);
  if (pipelines > 0) created.push(`${pipelines} pipelines`);
  return { created };
}

/**
 * Something of the demo, by the name that its id has in the state.
 * @typedef {{ name: keyof typeof OF_WORKSPACE, path: string, make: (demo: Demo, api: ReturnType<typeof createApiClient>) => Promise<unknown>, period?: string }} Part
 */

/** @type {Part[]} */
const CONNECTIONS = [
  { name: 'connection', make: async ({ sourceUrl = '' }) => connectionDefinition(sourceUrl) },
  { name: 'newsletterConnection', make: async () => filesDefinition('Newsletter files', 'Source') },
  {
    name: 'customersConnection',
    make: async ({ destinationUrl = '' }) => customersConnectionDefinition(destinationUrl),
  },
  { name: 'fileConnection', make: async () => filesDefinition('Export files', 'Destination') },
].map((part) => /** @type {Part} */ ({ ...part, path: '/v1/connections' }));

/** @type {Part[]} */
const PIPELINES = [
  {
    name: 'pipeline',
    period: PERIOD,
    make: async ({ connection = 0 }, api) => {
      const { schema } = await api.post(`/v1/connections/${connection}/query`, { query: QUERY, limit: 1 });
      return pipelineDefinition(connection, schema);
    },
  },
  {
    name: 'newsletterPipeline',
    make: async ({ newsletterConnection: connection = 0 }, api) => {
      const { schema } = await api.get(
        `/v1/connections/${connection}/files?format=csv&path=${NEWSLETTER_FILE}&limit=1`,
      );
      return newsletterDefinition(connection, schema);
    },
  },
  {
    name: 'customersPipeline',
    make: async ({ customersConnection: connection = 0 }, api) => {
      const { schema } = await api.get(`/v1/connections/${connection}/tables?name=${CUSTOMERS_TABLE}`);
      return customersExportDefinition(connection, schema);
    },
  },
  { name: 'filePipeline', make: async ({ fileConnection = 0 }) => profilesFileDefinition(fileConnection) },
].map((part) => /** @type {Part} */ ({ ...part, path: '/v1/pipelines' }));

/**
 * @param {DemoState} state
 * @param {Part[]} parts
 * @returns {Promise<number>} how many were missing
 */
async function makeMissing(state, parts) {
  let made = 0;
  for (const { name, path, make, period } of parts) {
    const { url, apiKey = '' } = state.current;
    const api = createApiClient({ url, key: apiKey });
    const known = state.current[name];
    if (known !== undefined && (await api.has(`${path}/${known}`))) continue;
    const { id } = await api.post(path, await make(state.current, api));
    if (period) await api.put(`${path}/${id}/schedule`, { period });
    await state.update({ [name]: id });
    made++;
  }
  return made;
}

/** @param {DemoState} state */
async function setResolution({ current: { url, apiKey = '' } }) {
  const settings = { runOnBatchImport: true, identifiers: IDENTIFIERS };
  await createApiClient({ url, key: apiKey }).put('/v1/identity-resolution/settings', settings);
}

/**
 * @param {DemoState} state
 * @param {string} serverUrl
 */
async function ensureWorkspace(state, serverUrl) {
  const { url, adminKey, workspace } = state.current;
  const admin = createApiClient({ url, key: adminKey });
  if (workspace !== undefined && (await admin.has(`/v1/workspaces/${workspace}`))) return false;
  const warehouseUrl = await createWarehouseDatabase(serverUrl);
  const { id } = await admin.post('/v1/workspaces', workspaceDefinition(warehouseUrl));
  await state.update({ ...OF_WORKSPACE, workspace: id, warehouseUrl });
  return true;
}

/** @param {DemoState} state */
async function ensureKey(state) {
  const { url, adminKey, apiKey, workspace } = state.current;
  if (apiKey && (await createApiClient({ url, key: apiKey }).has('/v1/pipelines'))) return false;
  const admin = createApiClient({ url, key: adminKey, ...(workspace === undefined ? {} : { workspace }) });
  const { key } = await admin.post('/v1/keys', { name: 'Demo', workspace });
  await state.update({ apiKey: key });
  return true;
}
