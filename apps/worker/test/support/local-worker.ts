import { timingsSchema } from '@penstock/shared/platform';
import { ActiveAttempts } from '../../src/runtime/active-attempts.js';
import type { AttemptDependencies } from '../../src/runtime/attempt.js';
import { PipelineWorker } from '../../src/worker.js';
import { QUICK, type Scenario } from './scenario.js';

/** What a worker in the process of the test works with. */
export function localDependencies(scenario: Scenario): AttemptDependencies {
  return {
    ...scenario.deps,
    timings: timingsSchema.parse(QUICK),
    worker: 'local',
    attempts: new ActiveAttempts(),
    rejects: { perRun: 0, keptDays: 1 },
  };
}

/** A worker in the process of the test: for tests that do it no harm. */
export function startLocalWorker(scenario: Scenario): PipelineWorker {
  return new PipelineWorker(localDependencies(scenario), { runConcurrency: 2 });
}
