import { isLive, type RunStatus, STEPS } from '@penstock/domain';
import { z } from 'zod';
import { entityId, runId, timestamp } from './wire-values.js';

const counts = z
  .array(z.int().min(0))
  .length(STEPS.length)
  .meta({ description: `Records by step: ${STEPS.join(', ')}.` });

/** A run as the documented API shows it: these seven members, nothing more. */
export const run = z
  .strictObject({
    id: runId,
    pipeline: entityId,
    startTime: timestamp,
    endTime: timestamp.nullable().meta({ description: 'null while the run is in progress.' }),
    passed: counts,
    failed: counts,
    error: z
      .string()
      .meta({ description: 'Why the run ended early; "" while it is in progress and when it succeeded.' }),
  })
  .meta({ id: 'Run' });

export type Run = z.infer<typeof run>;

export const runList = z.strictObject({ runs: z.array(run) });

const wish = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

export const startRunBody = z.object({
  incremental: wish.meta({
    description:
      'Of an import: true imports from the cursor on, false imports everything, null does what the pipeline says.',
  }),
  full: wish.meta({
    description: 'Of an export: true sends all records, false and null those that the destination does not have yet.',
  }),
});

export const startedRun = z.strictObject({ id: runId });

/** What is recorded of a run and shown by the documented API. */
export interface RecordedRun {
  readonly id: number;
  readonly pipeline: number;
  readonly status: RunStatus;
  readonly startTime: Date;
  readonly endTime: Date | null;
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  readonly errorMessage: string | null;
}

const NO_COUNTS: readonly number[] = STEPS.map(() => 0);

/** While a run is live the documented API shows zeros and no error; its live counts are on the operations API. */
export function encodeRun(recorded: RecordedRun): Run {
  const live = isLive(recorded.status);
  return {
    id: recorded.id,
    pipeline: recorded.pipeline,
    startTime: recorded.startTime.toISOString(),
    endTime: recorded.endTime?.toISOString() ?? null,
    passed: [...(live ? NO_COUNTS : recorded.passed)],
    failed: [...(live ? NO_COUNTS : recorded.failed)],
    error: live ? '' : (recorded.errorMessage ?? ''),
  };
}
