import { pipeline as pipe } from 'node:stream/promises';
import { findRun, type RunRow } from '@penstock/shared/repositories';
import { eventually, type TestDatabase } from '@penstock/shared/testing';
import { deletePipeline, startRun } from '@penstock/shared/use-cases';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median, timed } from './support/statistics.js';
import { COLUMN_NAMES, createUsers, PLAIN_MAPPING } from './support/users.js';
import { createWorld, type World } from './support/world.js';

const QUERY = 'SELECT * FROM users';
const DEADLINE_MS = 600_000;

/**
 * Imports `rows` users, first, unchanged and with 1% changed, each as a ratio to a plain COPY from the same table into the same
 * columns with the same unique index, measured in turn in the same run.
 */
export async function benchImports(rows: number, repetitions: number): Promise<Measure[]> {
  const world = await createWorld();
  const worker = new AppProcess('worker', world.env);
  const samples = { copy: [] as number[], first: [] as number[], unchanged: [] as number[], changed: [] as number[] };
  try {
    await createUsers(world.source, rows);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      samples.copy.push(await plainCopy(world, rows));
      const [id] = (await world.createPipelines(1, { query: QUERY, mapping: PLAIN_MAPPING })) as [number];
      samples.first.push(await timeRun(world, id, { added: rows, changed: 0, unchanged: 0 }));
      samples.unchanged.push(await timeRun(world, id, { added: 0, changed: 0, unchanged: rows }));
      const changed = await changeOnePercent(world.source, repetition);
      samples.changed.push(await timeRun(world, id, { added: 0, changed, unchanged: rows - changed }));
      await purge(world, id);
    }
    return measuresOf(rows, samples, worker.peakMemoryMb);
  } finally {
    await worker.stop();
    await world.close();
  }
}

function measuresOf(
  rows: number,
  samples: Record<'copy' | 'first' | 'unchanged' | 'changed', number[]>,
  memoryMb: number,
): Measure[] {
  const label = `${rows / 1_000_000}M users x ${COLUMN_NAMES.length} columns`;
  const ratio = (name: string, key: 'first' | 'unchanged' | 'changed', target?: number): Measure => {
    const ratios = samples[key].map((seconds, index) => seconds / (samples.copy[index] ?? Number.NaN));
    const value = median(ratios);
    return {
      name: `${name}, ${label}`,
      value,
      unit: 'x COPY',
      samples: samples[key],
      ...(target !== undefined && { target: `<= ${target} x`, met: value <= target }),
    };
  };
  return [
    { name: `plain COPY | COPY, ${label}`, value: median(samples.copy), unit: 's', samples: samples.copy },
    ratio('first import', 'first', 1.4),
    ratio('unchanged re-import', 'unchanged', 1.3),
    ratio('re-import, 1% changed', 'changed'),
    {
      name: `worker peak memory, ${label}`,
      value: memoryMb,
      unit: 'MB',
      target: '< 300 MB',
      met: memoryMb < 300,
      samples: [memoryMb],
    },
  ];
}

/** COPY out, COPY in, into a table like the pipeline's part of the identities. */
async function plainCopy(world: World, rows: number): Promise<number> {
  await world.warehouse.query('DROP TABLE IF EXISTS plain');
  await world.warehouse.query(
    'CREATE TABLE plain (LIKE penstock_identities INCLUDING DEFAULTS, PRIMARY KEY (_user_id, _pipeline))',
  );
  const [source, target] = [new pg.Client(world.source.url), new pg.Client(world.warehouse.url)];
  await Promise.all([source.connect(), target.connect()]);
  const columns = COLUMN_NAMES.join(', ');
  const seconds = await timed(() =>
    pipe(
      source.query(copyTo(`COPY (SELECT 1, 1, id, updated_at AT TIME ZONE 'UTC', 1, ${columns} FROM users) TO STDOUT`)),
      target.query(copyFrom(`COPY plain (_pipeline, _connection, _user_id, _updated_at, _run, ${columns}) FROM STDIN`)),
    ),
  );
  const [counted] = await world.warehouse.query<{ count: number }>('SELECT count(*)::int AS count FROM plain');
  if (counted?.count !== rows) throw new Error(`the plain COPY wrote ${counted?.count} rows instead of ${rows}`);
  await world.warehouse.query('DROP TABLE plain');
  await world.warehouse.query('CHECKPOINT');
  await Promise.all([source.end(), target.end()]);
  return seconds;
}

/** Seconds from the start of a run to its end, as its row says; its result must be the expected one. */
async function timeRun(world: World, pipeline: number, expected: Partial<RunRow>): Promise<number> {
  const { workspace } = world;
  const { id } = await startRun(world.deps, {
    workspace,
    pipeline,
    incremental: null,
    trigger: 'api',
    requestedBy: null,
  });
  const run = await eventually(
    'the run ends',
    async () => {
      const found = await findRun(world.deps.database, workspace, id);
      return found !== undefined && found.endTime !== null && found;
    },
    { deadlineMs: DEADLINE_MS },
  );
  for (const [key, value] of Object.entries({ status: 'succeeded', ...expected })) {
    if (run[key as keyof RunRow] !== value)
      throw new Error(`run ${id}: ${key} is ${run[key as keyof RunRow]}, not ${value}: ${run.errorMessage}`);
  }
  await world.warehouse.query('CHECKPOINT');
  return ((run.endTime?.getTime() ?? Number.NaN) - run.startTime.getTime()) / 1000;
}

async function changeOnePercent(source: TestDatabase, repetition: number): Promise<number> {
  const rows = await source.query(
    `UPDATE users SET logins = logins + 1 WHERE substr(id, 6)::int % 100 = $1 RETURNING 1`,
    [repetition],
  );
  await source.query('VACUUM users');
  return rows.length;
}

async function purge(world: World, pipeline: number): Promise<void> {
  await deletePipeline(world.deps, { workspace: world.workspace, pipeline });
  await eventually('the purge', async () => (await world.control.query('SELECT FROM pending_purges')).length === 0, {
    deadlineMs: DEADLINE_MS,
  });
}
