import path from 'node:path';
import { ensureDemo } from '../demo/create-demo.mjs';
import { CUSTOMERS_TABLE, PROFILES_FILE } from '../demo/definitions.mjs';
import { describeResolution, describeRun } from '../demo/describe-run.mjs';
import { nextSteps } from '../demo/next-steps.mjs';
import { resolveDemo } from '../demo/resolve-demo.mjs';
import { runDemo } from '../demo/run-demo.mjs';
import { displayPath } from './reporter.mjs';

/**
 * Creates the demo where it is missing, runs its imports, resolves, runs its exports, and shows what came of it. A demo that fails is shown and
 * otherwise ignored: Penstock itself is up.
 * @param {import('./main.mjs').StartContext} context
 * @param {{ serverUrl: string, demoFile: string, filesRoot: string, check: () => Promise<void> }} options
 */
export async function showDemo({ lifetime, reporter, demo }, { serverUrl, demoFile, filesRoot, check }) {
  const waiting = { signal: lifetime.signal, check };
  try {
    await reporter.stage('demo', async () => {
      const { created } = await ensureDemo(demo, { serverUrl, filesRoot }, waiting);
      return { result: undefined, words: created.length ? `created ${created.join(', ')}` : 'is there already' };
    });
    const { current } = demo;
    /** @type {(pipeline: number | undefined, words: { title?: string, where?: string }) => Promise<any>} */
    const show = async (pipeline = 0, words) => {
      const { run, errors } = await runDemo(current, pipeline, waiting);
      for (const line of ['', ...describeRun(run, errors, words)]) reporter.line(line);
      return run;
    };
    const run = await show(current.pipeline, {});
    await show(current.newsletterPipeline, { title: 'Newsletter' });
    for (const line of ['', ...describeResolution(await resolveDemo(current, waiting))]) reporter.line(line);
    await show(current.customersPipeline, { title: 'Profiles to a table', where: `table ${CUSTOMERS_TABLE}` });
    const file = path.join(filesRoot, PROFILES_FILE);
    await show(current.filePipeline, { title: 'Profiles to a file', where: displayPath(file) });
    reporter.line('');
    const steps = nextSteps({ ...current, run: run.id, demoFile: displayPath(demoFile) });
    for (const line of steps) reporter.line(line);
  } catch (error) {
    lifetime.signal.throwIfAborted();
    reporter.line(`\nThe demo failed: ${/** @type {Error} */ (error).message}\nPenstock itself is up.`);
  }
}
