import { createApiClient } from './api-client.mjs';
import { connectionDefinition, pipelineDefinition, QUERY, workspaceDefinition } from './definitions.mjs';
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
 * @property {string | undefined} [sourceUrl]
 * @property {string | undefined} [warehouseUrl]
 */

/** @typedef {{ readonly current: Demo, update: (change: Partial<Demo>) => Promise<void> }} DemoState */

/**
 * Makes whatever of the demo is not there. Each step is written down at once: a start that was killed in between goes on
 * where it was.
 * @param {DemoState} state
 * @param {string} serverUrl the PostgreSQL server for the databases of the demo
 * @returns {Promise<{ created: string[] }>}
 */
export async function ensureDemo(state, serverUrl) {
  const created = [];
  const source = await ensureSourceDatabase(serverUrl);
  await state.update({ sourceUrl: source.url });
  if (source.created) created.push('source database');
  for (const [name, step] of /** @type {const} */ ([
    ['workspace', () => ensureWorkspace(state, serverUrl)],
    ['API key', () => ensureKey(state)],
    ['connection', () => ensureConnection(state)],
    ['pipeline', () => ensurePipeline(state)],
  ])) {
    if (await step()) created.push(name);
  }
  return { created };
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
  const forgotten = { apiKey: undefined, connection: undefined, pipeline: undefined };
  await state.update({ ...forgotten, workspace: id, warehouseUrl });
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

/** @param {DemoState} state */
async function ensureConnection(state) {
  const { url, apiKey = '', connection, sourceUrl = '' } = state.current;
  const api = createApiClient({ url, key: apiKey });
  if (connection !== undefined && (await api.has(`/v1/connections/${connection}`))) return false;
  const { id } = await api.post('/v1/connections', connectionDefinition(sourceUrl));
  await state.update({ connection: id, pipeline: undefined });
  return true;
}

/** @param {DemoState} state */
async function ensurePipeline(state) {
  const { url, apiKey = '', connection = 0, pipeline } = state.current;
  const api = createApiClient({ url, key: apiKey });
  if (pipeline !== undefined && (await api.has(`/v1/pipelines/${pipeline}`))) return false;
  const { schema } = await api.post(`/v1/connections/${connection}/query`, { query: QUERY, limit: 1 });
  const { id } = await api.post('/v1/pipelines', pipelineDefinition(connection, schema));
  await api.put(`/v1/pipelines/${id}/schedule`, { period: PERIOD });
  await state.update({ pipeline: id });
  return true;
}
