import { waitUntil } from '../processes/wait-until.mjs';
import { createApiClient } from './api-client.mjs';

const TIMEOUT_MS = 300_000;
const POLL_MS = 200;

/**
 * Asks for the identities to be resolved and waits until they are.
 * @param {import('./create-demo.mjs').Demo} demo
 * @param {{ signal: AbortSignal, check: () => Promise<void> }} options `check` throws when there is no point in waiting
 * @returns {Promise<any>} the resolution, as the API shows it
 */
export async function resolveDemo({ url, apiKey = '' }, { signal, check }) {
  const api = createApiClient({ url, key: apiKey });
  await api.post('/v1/identity-resolution', {});
  return waitUntil(
    async () => {
      await check();
      const latest = await api.get('/v1/identity-resolution');
      return latest.endTime && !latest.queued ? latest : undefined;
    },
    { timeoutMs: TIMEOUT_MS, everyMs: POLL_MS, what: 'the end of the identity resolution', signal },
  );
}
