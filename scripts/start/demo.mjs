import { ensureDemo } from '../demo/create-demo.mjs';
import { describeRun } from '../demo/describe-run.mjs';
import { nextSteps } from '../demo/next-steps.mjs';
import { runDemo } from '../demo/run-demo.mjs';
import { displayPath } from './reporter.mjs';

/**
 * Creates the demo where it is missing, runs its pipeline once and shows what came of it. A demo that fails is shown and
 * otherwise ignored: Penstock itself is up.
 * @param {import('./main.mjs').StartContext} context
 * @param {{ serverUrl: string, demoFile: string, check: () => Promise<void> }} options
 */
export async function showDemo({ lifetime, reporter, demo }, { serverUrl, demoFile, check }) {
  try {
    await reporter.stage('demo', async () => {
      const { created } = await ensureDemo(demo, serverUrl);
      return { result: undefined, words: created.length ? `created ${created.join(', ')}` : 'is there already' };
    });
    const { run, errors } = await runDemo(demo.current, { signal: lifetime.signal, check });
    for (const line of ['', ...describeRun(run, errors), '']) reporter.line(line);
    const steps = nextSteps({ ...demo.current, run: run.id, demoFile: displayPath(demoFile) });
    for (const line of steps) reporter.line(line);
  } catch (error) {
    lifetime.signal.throwIfAborted();
    reporter.line(`\nThe demo failed: ${/** @type {Error} */ (error).message}\nPenstock itself is up.`);
  }
}
