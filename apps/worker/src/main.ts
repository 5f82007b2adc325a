import { readConfig } from './config.js';
import { openDependencies } from './dependencies.js';
import { PipelineWorker } from './worker.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const deps = await openDependencies(config);
  const worker = new PipelineWorker(deps, { runConcurrency: config.RUN_CONCURRENCY });
  deps.logger.info('worker started', { worker: deps.worker, runConcurrency: config.RUN_CONCURRENCY });

  const stop = (signal: string): void => {
    deps.logger.info('worker is stopping; its runs are handed back', { signal });
    // What still hangs after the grace period is left to recovery.
    setTimeout(() => process.exit(1), config.PENSTOCK_TIMINGS.shutdownMs).unref();
    worker
      .stop()
      .then(() => deps.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          deps.logger.error('worker did not stop cleanly', { error });
          process.exit(1);
        },
      );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`worker cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
