import { AppError, dueBetween, type ErrorCode, latestDueMs } from '@penstock/domain';
import type pg from 'pg';
import { inTransaction } from '../platform/database.js';
import { cadenceOf } from '../queues/schedulers.js';
import type { Dependencies } from './dependencies.js';
import { findSchedule, type ScheduleState } from './schedules.js';
import { announceRun, insertRun } from './start-run.js';

export interface Tick {
  readonly pipeline: number;
  readonly scheduleVersion: number;
  readonly nowMs: number;
}

/** Why a due time started no run, by the error that refused it. */
const SKIP_REASONS: Partial<Record<ErrorCode, string>> = {
  PipelineInProgress: 'inProgress',
  InspectionMode: 'inspection',
  MaintenanceMode: 'maintenance',
};

/**
 * Acts on the latest due time of a schedule: starts its run or records why not, together with its occurrence in one
 * transaction. Due times between the last occurrence and this one become one `missed` occurrence: one catch-up run, never a
 * burst. A late or doubled tick, or one of an older schedule version, does nothing.
 */
export async function recordDue(
  deps: Pick<Dependencies, 'database' | 'queues' | 'periods'>,
  tick: Tick,
): Promise<{ readonly run: number | null }> {
  const run = await inTransaction(deps.database.pool, (client) => recordDueIn(client, deps.periods, tick));
  if (run !== null) await announceRun(deps, run);
  return { run };
}

async function recordDueIn(
  client: pg.PoolClient,
  periods: Dependencies['periods'],
  tick: Tick,
): Promise<number | null> {
  // Every start locks the workspace first: so does this one, or the two could wait for each other.
  await client.query('SELECT FROM workspaces WHERE id = (SELECT workspace_id FROM pipelines WHERE id = $1) FOR SHARE', [
    tick.pipeline,
  ]);
  // Ticks of one pipeline follow each other; a change of its schedule waits until this one is recorded.
  await client.query('SELECT FROM pipelines WHERE id = $1 FOR NO KEY UPDATE', [tick.pipeline]);
  const schedule = await findSchedule({ pool: client }, tick.pipeline);
  if (schedule === undefined || schedule.scheduleVersion !== tick.scheduleVersion) return null;
  const cadence = cadenceOf(schedule, periods);
  const dueMs = latestDueMs(cadence, tick.nowMs);
  const knownMs = Math.max(schedule.since.getTime(), schedule.lastDueAt?.getTime() ?? 0);
  if (dueMs <= knownMs) return null;
  const missed = dueBetween(cadence, knownMs, dueMs);
  if (missed !== undefined) await insertMissed(client, tick.pipeline, missed);
  return startDue(client, schedule, dueMs);
}

async function startDue(client: pg.PoolClient, schedule: ScheduleState, dueMs: number): Promise<number | null> {
  const { workspace, pipeline } = schedule;
  try {
    const run = await insertRun(client, {
      workspace,
      pipeline,
      incremental: null,
      trigger: 'schedule',
      requestedBy: null,
    });
    await insertOccurrence(client, { pipeline, dueMs, outcome: 'started', reason: null, run });
    return run;
  } catch (error) {
    const reason = error instanceof AppError ? SKIP_REASONS[error.code] : undefined;
    if (reason === undefined) throw error;
    await insertOccurrence(client, { pipeline, dueMs, outcome: 'skipped', reason, run: null });
    return null;
  }
}

interface NewOccurrence {
  readonly pipeline: number;
  readonly dueMs: number;
  readonly outcome: 'started' | 'skipped';
  readonly reason: string | null;
  readonly run: number | null;
}

async function insertOccurrence(client: pg.PoolClient, occurrence: NewOccurrence): Promise<void> {
  await client.query(
    'INSERT INTO occurrences (pipeline_id, due_at, outcome, reason, run_id) VALUES ($1, $2, $3, $4, $5)',
    [occurrence.pipeline, new Date(occurrence.dueMs), occurrence.outcome, occurrence.reason, occurrence.run],
  );
}

async function insertMissed(
  client: pg.PoolClient,
  pipeline: number,
  missed: { readonly fromMs: number; readonly toMs: number; readonly count: number },
): Promise<void> {
  await client.query(
    `INSERT INTO occurrences (pipeline_id, due_at, outcome, missed_from, missed_count) VALUES ($1, $2, 'missed', $3, $4)`,
    [pipeline, new Date(missed.toMs), new Date(missed.fromMs), missed.count],
  );
}
