import { latestDueMs, phaseOf } from '@penstock/domain';
import { listSchedulers } from '@penstock/shared/queues';
import { listOccurrences } from '@penstock/shared/repositories';
import { eventually } from '@penstock/shared/testing';
import { changeWarehouseMode, recordDue, setPipelineSchedule, setPipelineStatus } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';

let scenario: Scenario;

/** "5m" lasts a second here. */
const PERIOD = '5m' as const;
const PERIOD_MS = 1_000;
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  // A resolution that a killed worker has left counts as under way, and a change of the mode would wait for it.
  scenario = await Scenario.create({ runOnBatchImport: false });
  await scenario.createUsers(5, { bad: false });
});
afterEach(async () => {
  await scenario.control.query('UPDATE pipelines SET enabled = false');
  await scenario.killWorkers();
  // A run that a killed worker has left is live, and a change of the mode would wait for it.
  await scenario.control.query('DELETE FROM runs');
  await scenario.redis.empty();
});
afterAll(() => scenario.dispose());

function schedule(pipeline: number, period: '5m' | '1h' | null): Promise<void> {
  return setPipelineSchedule(scenario.deps, { workspace: scenario.workspace, pipeline, period });
}

function occurrences(pipeline: number) {
  return listOccurrences(scenario.deps.database, pipeline, { limit: 100 });
}

async function scheduleVersion(pipeline: number): Promise<number> {
  const [row] = await scenario.control.query<{ version: number }>(
    'SELECT schedule_version AS version FROM pipelines WHERE id = $1',
    [pipeline],
  );
  return row?.version ?? -1;
}

/** Sets the clock of a schedule back: it was set, or had its last occurrence, that long ago. */
async function setBack(pipeline: number, ms: number): Promise<void> {
  await scenario.control.query(
    `UPDATE pipelines SET schedule_since = now() - $2 * interval '1 millisecond' WHERE id = $1`,
    [pipeline, ms],
  );
}

describe('a schedule', () => {
  it('fires again and again at its due times, which lie on its phase', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, PERIOD);
    await scenario.worker();
    const fired = await eventually('the schedule fires three times', async () => {
      const found = (await occurrences(pipeline)).filter(({ outcome }) => outcome === 'started');
      return found.length >= 3 && found;
    });
    const phase = phaseOf(scenario.scheduleSeed, PERIOD_MS);
    for (const { dueAt } of fired) expect(dueAt.getTime() % PERIOD_MS).toBe(phase);
    const [run] = fired.map((occurrence) => occurrence.run ?? 0);
    expect(await scenario.runIn(run ?? 0)).toMatchObject({ trigger: 'schedule', status: 'succeeded' });
  });

  it('set off and on again, and disabled and enabled again, fires again', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, PERIOD);
    await scenario.worker();
    const firesAfter = async (moment: Date): Promise<void> => {
      await eventually('the schedule fires', async () =>
        (await occurrences(pipeline)).some(({ dueAt }) => dueAt > moment),
      );
    };
    await firesAfter(new Date(0));
    await schedule(pipeline, null);
    expect(await listSchedulers(scenario.deps.queues)).toEqual([]);
    await schedule(pipeline, PERIOD);
    await firesAfter(new Date());
    await setPipelineStatus(scenario.deps, { workspace: scenario.workspace, pipeline, enabled: false });
    expect(await listSchedulers(scenario.deps.queues)).toEqual([]);
    await setPipelineStatus(scenario.deps, { workspace: scenario.workspace, pipeline, enabled: true });
    await firesAfter(new Date());
  });

  it('keeps its phase over restarts and re-registration', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, '1h');
    const before = await listSchedulers(scenario.deps.queues);
    const first = await scenario.worker();
    first.signal('SIGTERM');
    await first.ended();
    await scenario.redis.empty();
    await scenario.worker();
    expect(
      await eventually('the scheduler is back', async () => {
        const found = await listSchedulers(scenario.deps.queues);
        return found.length === 1 && found;
      }),
    ).toEqual(before);
    expect((before[0]?.nextMs ?? 0) % HOUR_MS).toBe(phaseOf(scenario.scheduleSeed, HOUR_MS));
  });

  it('does not fire at once when it is set, nor for due times before that', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, '1h');
    const version = await scheduleVersion(pipeline);
    expect(await recordDue(scenario.deps, { pipeline, scheduleVersion: version, nowMs: Date.now() })).toEqual({
      run: null,
    });
    expect(await occurrences(pipeline)).toEqual([]);
  });
});

describe('after downtime', () => {
  it('one run catches up, and one occurrence says from when to when and how many were missed', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, '1h');
    await setBack(pipeline, 5.5 * HOUR_MS);
    await scenario.worker();
    const found = await eventually('the schedule is caught up', async () => {
      const rows = await occurrences(pipeline);
      return rows.length >= 2 && rows;
    });
    const due = latestDueMs({ periodMs: HOUR_MS, phaseMs: phaseOf(scenario.scheduleSeed, HOUR_MS) }, Date.now());
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ dueAt: new Date(due), outcome: 'started' });
    expect(found[1]).toMatchObject({ dueAt: new Date(due - HOUR_MS), outcome: 'missed', run: null });
    expect(found[1]?.missedCount).toBe(Math.round((due - (found[1]?.missedFrom?.getTime() ?? 0)) / HOUR_MS));
    expect(found[1]?.missedCount).toBeGreaterThanOrEqual(4);
    const runs = await scenario.control.query('SELECT FROM runs WHERE pipeline_id = $1', [pipeline]);
    expect(runs).toHaveLength(1);
  });
});

describe('a tick', () => {
  it('that is doubled, late or of an older schedule is harmless', async () => {
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, '1h');
    await setBack(pipeline, HOUR_MS);
    const version = await scheduleVersion(pipeline);
    const tick = { pipeline, scheduleVersion: version, nowMs: Date.now() };
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => recordDue(scenario.deps, tick)));
    expect(outcomes.filter(({ run }) => run !== null)).toHaveLength(1);
    expect(
      await recordDue(scenario.deps, { ...tick, scheduleVersion: version - 1, nowMs: tick.nowMs + HOUR_MS }),
    ).toEqual({ run: null });
    expect(await recordDue(scenario.deps, { ...tick, nowMs: tick.nowMs - HOUR_MS })).toEqual({ run: null });
    expect(await occurrences(pipeline)).toHaveLength(1);
  });

  it('while a run is in progress, or in a mode that allows none, is recorded as skipped with the reason', async () => {
    const { workspace } = scenario;
    const pipeline = await scenario.createPipeline();
    await schedule(pipeline, '1h');
    await setBack(pipeline, HOUR_MS);
    const scheduleVersionNow = await scheduleVersion(pipeline);
    const now = Date.now();
    const tickAfter = (ms: number) =>
      recordDue(scenario.deps, { pipeline, scheduleVersion: scheduleVersionNow, nowMs: now + ms });
    const run = await scenario.start(pipeline);
    expect(await tickAfter(0)).toEqual({ run: null });
    await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    await scenario.killWorkers();
    const change = { workspace, cancelIncompatible: false, by: 'test' };
    await changeWarehouseMode(scenario.deps, { ...change, mode: 'Inspection' });
    await tickAfter(HOUR_MS);
    await changeWarehouseMode(scenario.deps, { ...change, mode: 'Maintenance' });
    await tickAfter(2 * HOUR_MS);
    await changeWarehouseMode(scenario.deps, { ...change, mode: 'Normal' });
    const found = await occurrences(pipeline);
    expect(found.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['skipped', 'maintenance'],
      ['skipped', 'inspection'],
      ['skipped', 'inProgress'],
    ]);
  });
});

describe('a mode change', () => {
  it('with a live run waits for it, refuses new starts meanwhile, and is completed when the run ends', async () => {
    const { workspace } = scenario;
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    const other = await scenario.createPipeline();
    const change = { workspace, mode: 'Maintenance', cancelIncompatible: false, by: 'test' } as const;
    expect(await changeWarehouseMode(scenario.deps, change)).toEqual({ pending: true });
    await expect(scenario.start(other)).rejects.toMatchObject({
      code: 'MaintenanceMode',
      message: 'data warehouse is in maintenance mode',
    });
    await scenario.worker();
    await scenario.runIn(run, 'succeeded');
    const mode = () =>
      scenario.control.query('SELECT warehouse_mode, pending_mode FROM workspaces WHERE id = $1', [workspace]);
    await eventually('the mode change is completed', async () => (await mode())[0]?.pending_mode === null);
    expect(await mode()).toEqual([{ warehouse_mode: 'Maintenance', pending_mode: null }]);
    await changeWarehouseMode(scenario.deps, { ...change, mode: 'Normal' });
  });

  it('that cancels live runs is completed by their end', async () => {
    const { workspace } = scenario;
    const pipeline = await scenario.createPipeline();
    const run = await scenario.start(pipeline);
    const change = { workspace, mode: 'Inspection', cancelIncompatible: true, by: 'test' } as const;
    expect(await changeWarehouseMode(scenario.deps, change)).toEqual({ pending: false });
    expect(await scenario.run(run)).toMatchObject({ status: 'cancelled', cancelledBy: 'test' });
    expect(await scenario.control.query('SELECT warehouse_mode FROM workspaces WHERE id = $1', [workspace])).toEqual([
      { warehouse_mode: 'Inspection' },
    ]);
    await changeWarehouseMode(scenario.deps, { ...change, mode: 'Normal' });
  });

  it('and starts at the same moment never leave a live run in a mode that allows none', async () => {
    const { workspace } = scenario;
    for (let turn = 0; turn < 10; turn += 1) {
      const pipelines = await Promise.all(Array.from({ length: 4 }, () => scenario.createPipeline()));
      const change = { workspace, mode: 'Maintenance', cancelIncompatible: false, by: 'test' } as const;
      await Promise.allSettled([
        changeWarehouseMode(scenario.deps, change),
        ...pipelines.map((pipeline) => scenario.start(pipeline)),
      ]);
      const [row] = await scenario.control.query<{ mode: string; live: number }>(
        `SELECT warehouse_mode AS mode, (SELECT count(*)::int FROM runs WHERE status IN ('queued', 'running')) AS live FROM workspaces WHERE id = $1`,
        [workspace],
      );
      expect(row?.mode === 'Normal' || row?.live === 0).toBe(true);
      await changeWarehouseMode(scenario.deps, { ...change, cancelIncompatible: true });
      await changeWarehouseMode(scenario.deps, { ...change, mode: 'Normal' });
    }
  });
});
