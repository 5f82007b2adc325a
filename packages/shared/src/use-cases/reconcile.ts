import { latestDueMs } from '@penstock/domain';
import { asOnlyWorker } from '../platform/advisory-lock.js';
import { withDeadline } from '../platform/deadline.js';
import {
  cadenceOf,
  type ExistingScheduler,
  listSchedulers,
  putScheduler,
  removeScheduler,
  schedulerId,
} from '../queues/schedulers.js';
import { forgetRejects } from '../repositories/run-rejects.js';
import type { Dependencies } from './dependencies.js';
import { endLostDryRuns, queueDryRuns } from './dry-runs/recover-dry-runs.js';
import { duePurges } from './purge-pipeline.js';
import { recordDue } from './record-due.js';
import { listSchedules, type ScheduleState } from './schedules.js';
import { completeModeChange } from './warehouse-mode.js';
import { dueOperations } from './warehouse-operations/announce-operations.js';

interface ReconcilerDependencies extends Pick<Dependencies, 'database' | 'queues' | 'periods' | 'logger'> {
  readonly rejects: { readonly keptDays: number };
}

/** A due time or a scheduler's next time that is late by less is left to the queue, which is about to deliver it. */
const GRACE_MS = 3_000;
const IDEMPOTENCY_HOURS = 24;
/** Redis being away must not keep a duty, and a worker that stops, waiting. */
const REDIS_PATIENCE_MS = 5_000;

/**
 * Makes Redis equal to PostgreSQL: one job scheduler for each enabled, scheduled pipeline and no other; handles due times that
 * nobody handled; adds purges, resolutions and alterations that are due; completes mode changes; forgets old idempotency keys and rejects. One worker at a
 * time.
 */
export async function reconcile(deps: ReconcilerDependencies): Promise<void> {
  await asOnlyWorker(deps.database, 'reconciliation', async () => {
    // First what needs no Redis: it may be away.
    await completePendingModes(deps);
    await deps.database.pool.query(`DELETE FROM idempotency_keys WHERE created_at < now() - $1 * interval '1 hour'`, [
      IDEMPOTENCY_HOURS,
    ]);
    await forgetRejects(deps.database, deps.rejects.keptDays);
    await endLostDryRuns(deps);
    // Redis before PostgreSQL: a scheduler that is put in between is in neither, and not taken for one too many.
    const existing = await withDeadline(REDIS_PATIENCE_MS, listSchedulers(deps.queues));
    const schedules = await listSchedules(deps.database);
    await reconcileSchedulers(deps, schedules, existing);
    await catchUp(deps, schedules);
    for (const pipeline of await duePurges(deps)) await deps.queues.addPurge(pipeline);
    await queueDryRuns(deps);
    for (const operation of await dueOperations(deps)) await deps.queues.addOperation(operation);
  });
}

async function reconcileSchedulers(
  deps: ReconcilerDependencies,
  schedules: readonly ScheduleState[],
  schedulers: readonly ExistingScheduler[],
): Promise<void> {
  const existing = new Map(schedulers.map((scheduler) => [scheduler.id, scheduler]));
  for (const schedule of schedules) {
    const id = schedulerId(schedule.pipeline);
    const scheduler = existing.get(id);
    existing.delete(id);
    if (scheduler !== undefined && agrees(scheduler, schedule, deps.periods)) continue;
    // A scheduler that stands still is not moved by an update: it is made anew.
    if (scheduler !== undefined) await removeScheduler(deps.queues, schedule.pipeline);
    await putScheduler(deps.queues, schedule, deps.periods);
  }
  for (const id of existing.keys()) await deps.queues.ticks.removeJobScheduler(id);
}

function agrees(
  scheduler: ExistingScheduler,
  schedule: ScheduleState,
  periods: ReconcilerDependencies['periods'],
): boolean {
  const { periodMs, phaseMs } = cadenceOf(schedule, periods);
  return (
    scheduler.everyMs === periodMs &&
    scheduler.offsetMs === phaseMs &&
    scheduler.scheduleVersion === schedule.scheduleVersion &&
    scheduler.nextMs !== undefined &&
    scheduler.nextMs > Date.now() - GRACE_MS
  );
}

async function catchUp(deps: ReconcilerDependencies, schedules: readonly ScheduleState[]): Promise<void> {
  const nowMs = Date.now();
  for (const schedule of schedules) {
    const dueMs = latestDueMs(cadenceOf(schedule, deps.periods), nowMs - GRACE_MS);
    const knownMs = Math.max(schedule.since.getTime(), schedule.lastDueAt?.getTime() ?? 0);
    if (dueMs <= knownMs) continue;
    const { pipeline, scheduleVersion } = schedule;
    // What is wrong with one pipeline must not keep the others waiting.
    await recordDue(deps, { pipeline, scheduleVersion, nowMs }).catch((error: unknown) =>
      deps.logger.error('a due time could not be handled', { pipeline, error }),
    );
  }
}

async function completePendingModes(deps: ReconcilerDependencies): Promise<void> {
  const { rows } = await deps.database.pool.query<{ id: number }>(
    'SELECT id FROM workspaces WHERE pending_mode IS NOT NULL',
  );
  for (const { id } of rows) await completeModeChange(deps, id);
}
