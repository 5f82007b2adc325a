import { createHash } from 'node:crypto';
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
import { ensureProperties } from './profile-schema.mjs';
import { ensureSourceDatabase } from './source-database.mjs';
import { createWarehouseDatabase } from './warehouse-database.mjs';

const PERIOD = '1h';

/**
 * @typedef {object} Demo
 * @property {string} url
 * @property {string} adminKey
 * @property {string | undefined} [apiKey]
 * @property {number | undefined} [workspace]
 * @property {boolean | undefined} [profilesReady] whether the workspace has the properties and identifiers of the demo; from then on they are the user's
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
  profilesReady: undefined,
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
 * @param {import('./run-demo.mjs').Waiting} waiting
 * @returns {Promise<{ created: string[] }>}
 */
export async function ensureDemo(state, { serverUrl, filesRoot }, waiting) {
  const source = await ensureSourceDatabase(serverUrl);
  const destination = await ensureDestinationDatabase(serverUrl);
  await state.update({ sourceUrl: source.url, destinationUrl: destination.url, filesRoot });
  await ensureNewsletterFile(filesRoot);
  const created = source.created ? ['source database'] : [];
  if (await ensureWorkspace(state, serverUrl)) created.push('workspace');
  if (await ensureKey(state)) created.push('API key');
  await prepareProfiles(state, waiting);
  const connections = await makeMissing(state, '/v1/connections', CONNECTIONS);
  const pipelines = await makeMissing(state, '/v1/pipelines', PIPELINES);
  if (connections > 0) created.push(connections > 1 ? `${connections} connections` : 'connection');
  if (pipelines > 0) created.push(pipelines > 1 ? `${pipelines} pipelines` : 'pipeline');
  return { created };
}

/**
 * Something of the demo, by the name that its id has in the state.
 * @typedef {{ name: keyof typeof OF_WORKSPACE, make: (demo: Demo, api: ReturnType<typeof createApiClient>) => Promise<unknown>, period?: string }} Part
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
];

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
];

/**
 * @param {DemoState} state
 * @param {string} path of the API, where they are made
 * @param {Part[]} parts
 * @returns {Promise<number>} how many were missing
 */
async function makeMissing(state, path, parts) {
  const { url, apiKey = '', workspace } = state.current;
  const api = createApiClient({ url, key: apiKey });
  let made = 0;
  for (const { name, make, period } of parts) {
    const known = state.current[name];
    if (known !== undefined && (await api.has(`${path}/${known}`))) continue;
    const definition = await make(state.current, api);
    // A start that was killed before it could write the id down gets it again by the same key.
    const { id } = await api.post(path, definition, { idempotencyKey: digest({ workspace, name, known, definition }) });
    if (period) await api.put(`${path}/${id}/schedule`, { period });
    await state.update({ [name]: id });
    made++;
  }
  return made;
}

/** @param {unknown} value */
function digest(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * @param {DemoState} state
 * @param {import('./run-demo.mjs').Waiting} waiting
 */
async function prepareProfiles({ current: { url, apiKey = '', profilesReady }, update }, waiting) {
  if (profilesReady) return;
  const api = createApiClient({ url, key: apiKey });
  await ensureProperties(api, waiting);
  await api.put('/v1/identity-resolution/settings', { runOnBatchImport: true, identifiers: IDENTIFIERS });
  await update({ profilesReady: true });
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
