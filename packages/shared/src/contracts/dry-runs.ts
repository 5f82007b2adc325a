import { STEPS, type Step } from '@penstock/domain';
import { z } from 'zod';
import { runErrors } from './run-operations.js';
import { entityId, runId, timestamp } from './wire-values.js';

const counter = z.int().min(0);

export const dryRunBody = z.object({
  incremental: z
    .boolean()
    .nullish()
    .transform((value) => value ?? null)
    .meta({ description: 'As for a run.' }),
  full: z
    .boolean()
    .nullish()
    .transform((value) => value ?? null)
    .meta({ description: 'As for a run.' }),
});

export const startedDryRun = z.strictObject({ id: runId });

/** What a run would do at the other side. */
const outcome = z.strictObject({
  added: counter,
  changed: counter,
  unchanged: counter,
  removed: counter.meta({ description: 'Before the delete brake, which a run may meet.' }),
  rejected: counter.meta({
    description:
      'Records that failed a step. Those that the filter drops are not among them, nor those that only a destination itself can refuse.',
  }),
  merged: counter.meta({ description: 'Records that have the identifier of another record, which wins.' }),
  notice: z.string().nullable(),
});

export type DryRunOutcome = z.infer<typeof outcome>;

export const dryRun = z
  .strictObject({
    id: runId,
    pipeline: entityId,
    status: z.enum(['queued', 'running', 'succeeded', 'failed']),
    incremental: z.boolean(),
    full: z.boolean(),
    requestedAt: timestamp,
    startTime: timestamp.nullable(),
    endTime: timestamp.nullable(),
    steps: z.array(z.strictObject({ step: z.enum(STEPS), passed: counter, failed: counter })),
    outcome: outcome.nullable().meta({ description: 'What a run would do; null until the dry run has succeeded.' }),
    errors: runErrors.shape.errors,
    error: z.strictObject({ code: z.string(), step: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'DryRun' });

export type DryRunAnswer = z.infer<typeof dryRun>;

/** A dry run as it is stored. */
export interface RecordedDryRun {
  readonly id: number;
  readonly pipeline: number;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed';
  readonly incremental: boolean;
  readonly full: boolean;
  readonly requestedAt: Date;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** JSON. */
  readonly outcome: unknown;
  /** JSON. */
  readonly errors: unknown;
  readonly errorCode: string | null;
  readonly errorStep: string | null;
  readonly errorMessage: string | null;
}

export function encodeDryRun(row: RecordedDryRun): DryRunAnswer {
  const { id, pipeline, status, incremental, full, errorCode, errorStep, errorMessage } = row;
  const count = (counts: readonly string[], position: number): number => Number(counts[position] ?? 0);
  return {
    ...{ id, pipeline, status, incremental, full },
    requestedAt: row.requestedAt.toISOString(),
    startTime: row.startTime?.toISOString() ?? null,
    endTime: row.endTime?.toISOString() ?? null,
    steps: STEPS.map((step: Step, at) => ({ step, passed: count(row.passed, at), failed: count(row.failed, at) })),
    outcome: row.outcome as DryRunOutcome | null,
    errors: row.errors as DryRunAnswer['errors'],
    error:
      errorMessage === null
        ? null
        : { code: errorCode ?? 'InternalError', step: errorStep ?? 'Receive', message: errorMessage },
  };
}
