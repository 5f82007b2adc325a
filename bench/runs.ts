import { eventually } from '@penstock/shared/testing';
import { setPipelineSchedule, startRun } from '@penstock/shared/use-cases';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median, quantile } from './support/statistics.js';
import { createUsers, PLAIN } from './support/users.js';
import { createWorld, type World } from './support/world.js';

const NO_USERS = 'SELECT * FROM users WHERE updated_at >= ${updated_at} OR false';
const DEADLINE_MS = 300_000;

/** Runs that find nothing to import, completed per second by one worker, from the first claim to the last end. */
export async function benchNoOpRuns(runs: number, repetitions: number): Promise<Measure> {
  const samples: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) samples.push(await noOpRuns(runs));
  const value = median(samples);
  return {
    name: `no-op runs by one worker (${runs} queued)`,
    value,
    unit: 'runs/s',
    target: '>= 150',
    met: value >= 150,
    samples,
  };
}

async function noOpRuns(runs: number): Promise<number> {
  const world = await createWorld();
  try {
    await createUsers(world.source, 1);
    const pipelines = await world.createPipelines(runs, { query: NO_USERS, transformation: PLAIN });
    await startAll(world, pipelines);
    const worker = new AppProcess('worker', world.env);
    await allEnded(world);
    await worker.stop();
    const [row] = await world.control.query<{ seconds: number }>(
      'SELECT extract(epoch FROM max(end_time) - min(claimed_at))::float8 AS seconds FROM runs',
    );
    return runs / (row?.seconds ?? Number.NaN);
  } finally {
    await world.close();
  }
}

async function startAll(world: World, pipelines: readonly number[]): Promise<void> {
  const { workspace } = world;
  const start = (pipeline: number) =>
    startRun(world.deps, { workspace, pipeline, incremental: null, trigger: 'api', requestedBy: null });
  for (let index = 0; index < pipelines.length; index += 50)
    await Promise.all(pipelines.slice(index, index + 50).map(start));
}

async function allEnded(world: World): Promise<void> {
  await eventually(
    'all runs end',
    async () => (await world.control.query(`SELECT FROM runs WHERE end_time IS NULL LIMIT 1`)).length === 0,
    { deadlineMs: DEADLINE_MS },
  );
  const failed = await world.control.query(`SELECT error_message FROM runs WHERE status <> 'succeeded' LIMIT 1`);
  if (failed.length > 0) throw new Error(`a run did not succeed: ${JSON.stringify(failed)}`);
}

/** Time from due to claim of schedules that are all due within one minute, on one worker. */
export async function benchScheduleLag(schedules: number, repetitions: number): Promise<Measure[]> {
  const p50: number[] = [];
  const p99: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const lags = await scheduleLags(schedules);
    p50.push(quantile(lags, 0.5));
    p99.push(quantile(lags, 0.99));
  }
  const name = `due to claimed, ${schedules} schedules due within one minute`;
  return [
    { name: `${name}, p50`, value: median(p50), unit: 's', samples: p50 },
    { name: `${name}, p99`, value: median(p99), unit: 's', target: '< 2 s', met: median(p99) < 2, samples: p99 },
  ];
}

async function scheduleLags(schedules: number): Promise<number[]> {
  const world = await createWorld();
  // A period of one minute: every schedule is due once within any minute, each at its own phase.
  const env = { ...world.env, PENSTOCK_PERIODS: JSON.stringify({ '5m': 60_000 }) };
  const deps = { ...world.deps, periods: { ...world.deps.periods, '5m': 60_000 } };
  try {
    await createUsers(world.source, 1);
    const pipelines = await world.createPipelines(schedules, { query: NO_USERS, transformation: PLAIN });
    for (const pipeline of pipelines)
      await setPipelineSchedule(deps, { workspace: world.workspace, pipeline, period: '5m' });
    const worker = new AppProcess('worker', env);
    const lags = await eventually('every schedule has fired and its run was claimed', () => lagsOf(world, schedules), {
      deadlineMs: DEADLINE_MS,
    });
    await worker.stop();
    return lags;
  } finally {
    await world.close();
  }
}

async function lagsOf(world: World, schedules: number): Promise<number[] | undefined> {
  const rows = await world.control.query<{ lag: number }>(
    `SELECT DISTINCT ON (o.pipeline_id) extract(epoch FROM r.claimed_at - o.due_at)::float8 AS lag
     FROM occurrences o JOIN runs r ON r.id = o.run_id WHERE r.claimed_at IS NOT NULL ORDER BY o.pipeline_id, o.due_at`,
  );
  return rows.length === schedules ? rows.map(({ lag }) => lag) : undefined;
}
