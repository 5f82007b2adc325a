import { type Cadence, PERIODS_MS, type PeriodTable, phaseOf, type SchedulePeriod } from '@penstock/domain';
import type { JobName, JobPayload } from './catalog.js';
import type { Queues } from './queues.js';

/** A pipeline's schedule, as PostgreSQL has it. */
export interface PipelineSchedule {
  readonly pipeline: number;
  readonly period: SchedulePeriod;
  readonly seed: number;
  readonly scheduleVersion: number;
}

/** A job scheduler, as Redis has it. */
export interface ExistingScheduler {
  readonly id: string;
  readonly everyMs: number | undefined;
  readonly offsetMs: number | undefined;
  readonly nextMs: number | undefined;
  readonly scheduleVersion: number | undefined;
}

export function cadenceOf(schedule: PipelineSchedule, periods: PeriodTable = PERIODS_MS): Cadence {
  const periodMs = periods[schedule.period];
  return { periodMs, phaseMs: phaseOf(schedule.seed, periodMs) };
}

export function schedulerId(pipeline: number): string {
  return `pipeline-${pipeline}`;
}

/** Creates the job scheduler of a pipeline or makes it equal to the schedule. */
export async function putScheduler(queues: Queues, schedule: PipelineSchedule, periods: PeriodTable): Promise<void> {
  const { periodMs, phaseMs } = cadenceOf(schedule, periods);
  const data: JobPayload<'tick'> = { pipeline: schedule.pipeline, scheduleVersion: schedule.scheduleVersion };
  await queues.ticks.upsertJobScheduler(
    schedulerId(schedule.pipeline),
    // The queue aligns `every` to the epoch and adds the offset: due times survive restarts without drift.
    { every: periodMs, offset: phaseMs },
    { name: 'tick' satisfies JobName, data, opts: { removeOnComplete: true, removeOnFail: true } },
  );
}

export async function removeScheduler(queues: Queues, pipeline: number): Promise<void> {
  await queues.ticks.removeJobScheduler(schedulerId(pipeline));
}

export async function listSchedulers(queues: Queues): Promise<ExistingScheduler[]> {
  const schedulers = await queues.ticks.getJobSchedulers(0, -1, true);
  return schedulers.map((scheduler) => ({
    id: scheduler.key,
    everyMs: scheduler.every === undefined ? undefined : Number(scheduler.every),
    offsetMs: scheduler.offset === undefined ? undefined : Number(scheduler.offset),
    nextMs: scheduler.next,
    scheduleVersion: (scheduler.template?.data as Partial<JobPayload<'tick'>> | undefined)?.scheduleVersion,
  }));
}
