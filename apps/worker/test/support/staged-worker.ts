// A worker as the product starts it, except that it tells its parent each point that its attempts pass, and does to itself at
// one of them what the parent wants: SIGKILL and SIGSTOP come at a point that is known, not after a sleep.
import { once } from 'node:events';
import { readConfig } from '../../src/config.js';
import { openDependencies } from '../../src/dependencies.js';
import type { AttemptStage } from '../../src/runtime/attempt.js';
import { PipelineWorker } from '../../src/worker.js';

const { TEST_SIGNAL, TEST_AT, TEST_AT_COUNT = '1' } = process.env;

const config = readConfig(process.env);
const deps = await openDependencies(config);
let reached = 0;

const tell = (run: number, stage: AttemptStage): Promise<void> =>
  new Promise((resolve) => process.stdout.write(`STAGE ${run} ${stage}\n`, () => resolve()));

const onStage = async (run: number, stage: AttemptStage): Promise<void> => {
  if (stage === TEST_AT) reached += 1;
  if (TEST_SIGNAL === undefined || stage !== TEST_AT || reached !== Number(TEST_AT_COUNT)) return tell(run, stage);
  if (TEST_SIGNAL === 'none') {
    // Listened for before the parent is told: it may answer at once.
    const goesOn = once(process, 'SIGCONT');
    await tell(run, stage);
    await goesOn;
    return;
  }
  await tell(run, stage);
  process.kill(process.pid, TEST_SIGNAL);
};

const worker = new PipelineWorker({ ...deps, onStage }, { runConcurrency: config.RUN_CONCURRENCY });
process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => deps.close())
    .then(() => process.exit(0));
});
process.stdout.write('READY\n');
