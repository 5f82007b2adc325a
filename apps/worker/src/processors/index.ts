import type { AttemptDependencies } from '../runtime/attempt.js';
import type { JobHandlers } from '../runtime/queue-consumer.js';
import { purgeDeletedPipeline } from './purge-pipeline.js';
import { runPipeline } from './run-pipeline.js';
import { sweep } from './sweep-warehouse.js';
import { tick } from './tick.js';

export function createHandlers(deps: AttemptDependencies): JobHandlers {
  return {
    'run-pipeline': (payload) => runPipeline(deps, payload),
    tick: (payload) => tick(deps, payload),
    'purge-pipeline': (payload) => purgeDeletedPipeline(deps, payload),
    'sweep-warehouse': (payload) => sweep(deps, payload),
  };
}
