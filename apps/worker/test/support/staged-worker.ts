// A worker as the product starts it, except that it tells its parent each point that its attempts pass, and does to itself at
// one of them what the parent wants: SIGKILL and SIGSTOP come at a point that is known, not after a sleep.
import { readConfig } from '../../src/config.js';
import { openDependencies } from '../../src/dependencies.js';
import type { AttemptStage } from '../../src/runtime/attempt.js';
import { PipelineWorker } from '../../src/worker.js';

const { TEST_SIGNAL, TEST_AT, TEST_AT_COUNT = '1' } = process.env;

const config = readConfig(process.env);
const deps = await openDependencies(config);
let reached = 0;

const onStage = (run: number, stage: AttemptStage): Promise<void> => {
  const told = new Promise<void>((resolve) => process.stdout.write(`STAGE ${run} ${stage}\n`, () => resolve()));
  if (stage === TEST_AT) reached += 1;
  if (TEST_SIGNAL === undefined || stage !== TEST_AT || reached !== Number(TEST_AT_COUNT)) return told;
  return told.then(() => {
    process.kill(process.pid, TEST_SIGNAL);
  });
};

const worker = new PipelineWorker({ ...deps, onStage }, { runConcurrency: config.RUN_CONCURRENCY });
process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => deps.close())
    .then(() => process.exit(0));
});
process.stdout.write('READY\n');
