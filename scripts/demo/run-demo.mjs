import { waitUntil } from '../processes/wait-until.mjs';
import { ApiError, createApiClient } from './api-client.mjs';

const RUN_TIMEOUT_MS = 300_000;
const POLL_MS = 200;

/** @typedef {{ signal: AbortSignal, check: () => Promise<void> }} Waiting `check` throws when there is no point in waiting */

/**
 * Starts a run of a pipeline of the demo, or takes the one that is under way, and waits for its end.
 * @param {import('./create-demo.mjs').Demo} demo
 * @param {number} pipeline
 * @param {Waiting} options
 * @returns {Promise<{ run: any, errors: import('./describe-run.mjs').ErrorGroup[] }>} as the operations API shows them
 */
export async function runDemo({ url, apiKey = '' }, pipeline, { signal, check }) {
  const api = createApiClient({ url, key: apiKey });
  const id = await startRun(api, pipeline);
  const run = await waitUntil(
    async () => {
      await check();
      const state = await api.get(`/v1/runs/${id}`);
      return state.endTime ? state : undefined;
    },
    { timeoutMs: RUN_TIMEOUT_MS, everyMs: POLL_MS, what: `the end of run ${id}`, signal },
  );
  const { errors } = await api.get(`/v1/runs/${id}/errors`);
  return { run, errors };
}

/**
 * @param {ReturnType<typeof createApiClient>} api
 * @param {number} pipeline
 * @returns {Promise<number>}
 */
async function startRun(api, pipeline) {
  try {
    return (await api.post(`/v1/pipelines/${pipeline}/runs`, {})).id;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'PipelineInProgress') throw error;
    const { runs } = await api.get('/v1/pipelines/runs');
    const live = runs.find((/** @type {any} */ run) => run.pipeline === pipeline && run.endTime === null);
    // It may have ended between the two requests; then the next one is ours to start.
    return live ? live.id : startRun(api, pipeline);
  }
}
