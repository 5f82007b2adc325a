import { RUN_STATUSES, RUN_TRIGGERS, STEPS } from '@penstock/domain';
import { z } from 'zod';
import type { RecordedRun } from './runs.js';
import { entityId, entityIdText, integerText, runId, timestamp, timeText } from './wire-values.js';

const counter = z.int().min(0);
const changes = counter
  .nullable()
  .meta({ description: 'Identities in the warehouse; null until the run has published.' });

/** A run as its operators see it: counts while it is live, who asked for it, and what it did to the warehouse. */
export const runDetails = z
  .strictObject({
    id: runId,
    pipeline: entityId,
    status: z.enum(RUN_STATUSES),
    trigger: z.enum(RUN_TRIGGERS),
    requestedBy: z.int().nullable().meta({ description: 'API key that asked for the run.' }),
    incremental: z.boolean(),
    full: z.boolean().meta({ description: 'Of an export: whether it sends unchanged records as well.' }),
    attempt: counter.meta({ description: 'Attempts so far; 0 until a worker takes the run.' }),
    lostAttempts: counter.meta({ description: 'Attempts that ended because their worker died.' }),
    retries: counter,
    queuedAt: timestamp,
    startTime: timestamp,
    endTime: timestamp.nullable(),
    worker: z.string().nullable(),
    steps: z.array(z.strictObject({ step: z.enum(STEPS), passed: counter, failed: counter })),
    added: changes,
    changed: changes,
    unchanged: changes,
    removed: changes,
    merged: counter.nullable().meta({ description: 'Records that had the identifier of another record, which won.' }),
    rowsPerSecond: z.number().nullable().meta({ description: 'Records received a second by the current attempt.' }),
    notice: z.string().nullable().meta({ description: 'What to know about a run that succeeded.' }),
    error: z.strictObject({ code: z.string(), step: z.string(), message: z.string() }).nullable(),
    cancelRequestedAt: timestamp.nullable(),
    cancelledBy: z.string().nullable(),
  })
  .meta({ id: 'RunDetails' });

export type RunDetails = z.infer<typeof runDetails>;

export const runDetailsList = z.strictObject({
  runs: z.array(runDetails),
  nextCursor: z
    .string()
    .nullable()
    .meta({ description: 'Send it as `cursor` to get the next page; null on the last.' }),
});

export const runListQuery = z.object({
  pipeline: entityIdText.optional(),
  status: z.enum(RUN_STATUSES).optional(),
  trigger: z.enum(RUN_TRIGGERS).optional(),
  from: timeText.optional().meta({ description: 'Only runs started at or after this time.' }),
  to: timeText.optional().meta({ description: 'Only runs started before this time.' }),
  limit: integerText({ min: 1, max: 1000, default: 100 }),
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/, 'must be the nextCursor of another page')
    .optional(),
});

export const retryRunBody = z.object({
  allowRemoval: z
    .boolean()
    .default(false)
    .meta({ description: 'Lets the run remove as many identities as it has to: overrules the delete brake once.' }),
});

export const runErrors = z.strictObject({
  errors: z.array(
    z.strictObject({
      step: z.string(),
      code: z.string(),
      message: z.string(),
      count: counter,
      keys: z.array(z.string()).meta({ description: 'Identifiers of a few of the records.' }),
    }),
  ),
});

const flag = (description: string) => z.literal(true).optional().meta({ description });

export const runReject = z
  .strictObject({
    position: z.int().min(1).meta({ description: 'The order in which records failed, from 1.' }),
    step: z.enum(STEPS),
    code: z.string(),
    message: z.string(),
    key: z.string().nullable().meta({ description: 'Identifier of the record, where it has one.' }),
    record: z.record(z.string(), z.unknown()).nullable().meta({
      description: 'As the source delivered it; null where it could not be read or the warehouse refused it.',
    }),
    recordCut: flag('Only the first members of a large record are kept.'),
    unreadable: flag('The master key is gone under which the reject was encrypted.'),
    at: timestamp,
  })
  .meta({ id: 'RunReject' });

export const runRejects = z.strictObject({
  rejects: z.array(runReject),
  nextCursor: z
    .string()
    .nullable()
    .meta({ description: 'Send it as `cursor` to get the next page; null on the last.' }),
  failed: counter.meta({
    description: 'Records that failed; at all steps those that the filter dropped are left out.',
  }),
  kept: counter.meta({ description: 'How many of them are kept as rejects.' }),
});

export const runRejectsQuery = z.object({
  step: z.enum(STEPS).optional(),
  limit: integerText({ min: 1, max: 1000, default: 100 }),
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'must be the nextCursor of another page')
    .optional(),
});

/** A reject as it is stored; `content` is undefined when it cannot be decrypted any more. */
export interface RecordedReject {
  readonly position: number;
  readonly step: z.infer<typeof runReject>['step'];
  readonly code: string;
  readonly at: Date;
  readonly content:
    | { readonly key: string | null; readonly message: string; readonly record: string | null; readonly cut: boolean }
    | undefined;
}

const UNREADABLE = 'the reject cannot be decrypted with the master keys of this installation';

/** A reject as JSON text. Its record is text already, with numbers that JavaScript cannot hold. */
export function encodeRunReject({ position, step, code, at, content }: RecordedReject): string {
  const { key = null, message = UNREADABLE, record = null, cut = false } = content ?? {};
  const flags = { ...(cut && { recordCut: true }), ...(content === undefined && { unreadable: true }) };
  const rest = JSON.stringify({ position, step, code, message, key, ...flags, at: at.toISOString() });
  return `${rest.slice(0, -1)},"record":${record ?? 'null'}}`;
}

/** What is recorded of a run and shown by the operations API. */
export interface RecordedRunDetails extends RecordedRun {
  readonly trigger: RunDetails['trigger'];
  readonly requestedBy: number | null;
  readonly incremental: boolean;
  readonly full: boolean;
  readonly epoch: number;
  readonly lostAttempts: number;
  readonly retries: number;
  readonly worker: string | null;
  readonly queuedAt: Date;
  readonly claimedAt: Date | null;
  readonly heartbeatAt: Date | null;
  readonly added: number | null;
  readonly changed: number | null;
  readonly unchanged: number | null;
  readonly removed: number | null;
  readonly merged: number | null;
  readonly errorCode: string | null;
  readonly errorStep: string | null;
  readonly notice: string | null;
  readonly cancelRequestedAt: Date | null;
  readonly cancelledBy: string | null;
}

export function encodeRunDetails(recorded: RecordedRunDetails): RunDetails {
  const { id, pipeline, status, trigger, requestedBy, incremental, full, worker, notice } = recorded;
  const { lostAttempts, retries, added, changed, unchanged, removed, merged, cancelledBy } = recorded;
  return {
    ...{
      id,
      pipeline,
      status,
      trigger,
      requestedBy,
      incremental,
      full,
      attempt: recorded.epoch,
      lostAttempts,
      retries,
    },
    queuedAt: recorded.queuedAt.toISOString(),
    startTime: recorded.startTime.toISOString(),
    endTime: recorded.endTime?.toISOString() ?? null,
    worker,
    steps: STEPS.map((step, at) => ({ step, passed: recorded.passed[at] ?? 0, failed: recorded.failed[at] ?? 0 })),
    ...{ added, changed, unchanged, removed, merged, rowsPerSecond: rowsPerSecond(recorded), notice },
    error: errorOf(recorded),
    cancelRequestedAt: recorded.cancelRequestedAt?.toISOString() ?? null,
    cancelledBy,
  };
}

function errorOf({ errorCode, errorStep, errorMessage }: RecordedRunDetails): RunDetails['error'] {
  if (errorMessage === null) return null;
  return { code: errorCode ?? 'InternalError', step: errorStep ?? 'Receive', message: errorMessage };
}

function rowsPerSecond({ passed, failed, claimedAt, endTime, heartbeatAt }: RecordedRunDetails): number | null {
  const until = endTime ?? heartbeatAt;
  if (claimedAt === null || until === null) return null;
  const seconds = (until.getTime() - claimedAt.getTime()) / 1000;
  if (seconds <= 0) return null;
  return Math.round(((passed[0] ?? 0) + (failed[0] ?? 0)) / seconds);
}
