import type { AttemptDependencies } from '../runtime/attempt.js';
import type { JobHandlers } from '../runtime/queue-consumer.js';
import { dryRun } from './dry-run.js';
import { operate } from './operate-warehouse.js';
import { purgeDeletedPipeline } from './purge-pipeline.js';
import { runPipeline } from './run-pipeline.js';
import { sweep } from './sweep-warehouse.js';
import { tick } from './tick.js';

export function createHandlers(deps: AttemptDependencies): JobHandlers {
  return {
    'run-pipeline': (payload) => runPipeline(deps, payload),
    'dry-run': (payload) => dryRun(deps, payload),
    tick: (payload) => tick(deps, payload),
    'purge-pipeline': (payload) => purgeDeletedPipeline(deps, payload),
    'sweep-warehouse': (payload) => sweep(deps, payload),
    'operate-warehouse': (payload) => operate(deps, payload),
  };
}
