import type { SchedulePeriod } from '@penstock/domain';
import type { Database } from '../platform/database.js';
import type { PipelineSchedule } from '../queues/schedulers.js';

/** A schedule with what is known of its past. */
export interface ScheduleState extends PipelineSchedule {
  readonly workspace: number;
  /** Due times at or before this one are of no concern: the schedule was set or enabled then. */
  readonly since: Date;
  /** The last due time that has an occurrence. */
  readonly lastDueAt: Date | null;
}

const SCHEDULES = `
  SELECT p.id AS pipeline, p.workspace_id AS workspace, p.schedule_period AS period, p.schedule_seed AS seed,
    p.schedule_version AS "scheduleVersion", p.schedule_since AS since,
    (SELECT max(o.due_at) FROM occurrences o WHERE o.pipeline_id = p.id) AS "lastDueAt"
  FROM pipelines p
  WHERE p.enabled AND p.schedule_period IS NOT NULL`;

interface ScheduleRow extends Omit<ScheduleState, 'period'> {
  readonly period: SchedulePeriod;
}

/** The schedule of an enabled pipeline; undefined when there is none. */
export async function findSchedule(
  { pool }: { readonly pool: Pick<Database['pool'], 'query'> },
  pipeline: number,
): Promise<ScheduleState | undefined> {
  const { rows } = await pool.query<ScheduleRow>(`${SCHEDULES} AND p.id = $1`, [pipeline]);
  return rows[0];
}

/** The schedules of all enabled pipelines: a scheduler must exist for each, and for nothing else. */
export async function listSchedules({ pool }: Database): Promise<ScheduleState[]> {
  const { rows } = await pool.query<ScheduleRow>(SCHEDULES);
  return rows;
}
