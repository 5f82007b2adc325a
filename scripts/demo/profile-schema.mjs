import { waitUntil } from '../processes/wait-until.mjs';
import { ApiError } from './api-client.mjs';
import { PROFILE_SCHEMA } from './definitions.mjs';

const TIMEOUT_MS = 120_000;
const POLL_MS = 200;

/**
 * Gives the workspace of a demo that an earlier version made the properties that it did not know, and waits until it has them.
 * @param {ReturnType<typeof import('./api-client.mjs').createApiClient>} api
 * @param {import('./run-demo.mjs').Waiting} options
 */
export async function ensureProperties(api, { signal, check }) {
  let requested = false;
  await waitUntil(
    async () => {
      await check();
      const { schema } = await api.get('/v1/profiles/schema');
      const missing = missingProperties(schema);
      if (missing.length === 0) return true;
      if (requested) await throwFailure(api);
      else requested = await request(api, { ...schema, properties: [...schema.properties, ...missing] });
      return false;
    },
    { timeoutMs: TIMEOUT_MS, everyMs: POLL_MS, what: 'the alteration of the profile schema', signal },
  );
}

/** @param {{ properties: { name: string }[] }} schema */
function missingProperties({ properties }) {
  const names = new Set(properties.map(({ name }) => name));
  return PROFILE_SCHEMA.properties.filter(({ name }) => !names.has(name));
}

/**
 * @param {ReturnType<typeof import('./api-client.mjs').createApiClient>} api
 * @param {unknown} schema
 * @returns {Promise<boolean>} false when something else has to end first, which may be what a start that was killed has asked for
 */
async function request(api, schema) {
  try {
    await api.put('/v1/profiles/schema', { schema });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'OperationAlreadyExecuting') return false;
    throw error;
  }
}

/** @param {ReturnType<typeof import('./api-client.mjs').createApiClient>} api */
async function throwFailure(api) {
  const { endTime, error } = await api.get('/v1/profiles/schema/latest-alter');
  if (endTime && error) throw new Error(`the profile schema cannot be altered: ${error}`);
}
