import { waitUntil } from '../processes/wait-until.mjs';
import { createApiClient } from './api-client.mjs';

const TIMEOUT_MS = 300_000;
const POLL_MS = 200;

/**
 * Waits until the identities are resolved. The imports have asked for it where they ended; a demo of a version that could not resolve asks here.
 * @param {import('./create-demo.mjs').Demo} demo
 * @param {import('./run-demo.mjs').Waiting} options
 * @returns {Promise<any>} the resolution, as the API shows it
 */
export async function resolveDemo({ url, apiKey = '' }, { signal, check }) {
  const api = createApiClient({ url, key: apiKey });
  if ((await api.get('/v1/identity-resolution')).id === null) await api.post('/v1/identity-resolution', {});
  return waitUntil(
    async () => {
      await check();
      const latest = await api.get('/v1/identity-resolution');
      return latest.endTime && !latest.queued ? latest : undefined;
    },
    { timeoutMs: TIMEOUT_MS, everyMs: POLL_MS, what: 'the end of the identity resolution', signal },
  );
}
