import { pipeline as pipe } from 'node:stream/promises';
import { findRun, type RunRow } from '@penstock/shared/repositories';
import { eventually } from '@penstock/shared/testing';
import { deletePipeline, startRun } from '@penstock/shared/use-cases';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { timed } from './statistics.js';
import { COLUMN_NAMES } from './users.js';
import type { World } from './world.js';

const DEADLINE_MS = 600_000;

/**
 * Seconds of COPY out, COPY in, into a table like the pipeline's part of the identities, with its unique index.
 * `casts` replaces columns by expressions, where the identities have another type.
 */
export async function plainCopy(
  world: World,
  rows: number,
  casts: Readonly<Record<string, string>> = {},
): Promise<number> {
  await world.warehouse.query('DROP TABLE IF EXISTS plain');
  await world.warehouse.query(
    'CREATE TABLE plain (LIKE penstock_identities INCLUDING DEFAULTS, PRIMARY KEY (_user_id, _pipeline))',
  );
  const [source, target] = [new pg.Client(world.source.url), new pg.Client(world.warehouse.url)];
  await Promise.all([source.connect(), target.connect()]);
  const read = COLUMN_NAMES.map((name) => casts[name] ?? name).join(', ');
  const write = COLUMN_NAMES.join(', ');
  const seconds = await timed(() =>
    pipe(
      source.query(copyTo(`COPY (SELECT 1, 1, id, updated_at AT TIME ZONE 'UTC', 1, ${read} FROM users) TO STDOUT`)),
      target.query(copyFrom(`COPY plain (_pipeline, _connection, _user_id, _updated_at, _run, ${write}) FROM STDIN`)),
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
export async function timeRun(world: World, pipeline: number, expected: Partial<RunRow>): Promise<number> {
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

/** Deletes a pipeline and waits until its identities are gone. */
export async function purge(world: World, pipeline: number): Promise<void> {
  await deletePipeline(world.deps, { workspace: world.workspace, pipeline });
  await eventually('the purge', async () => (await world.control.query('SELECT FROM pending_purges')).length === 0, {
    deadlineMs: DEADLINE_MS,
  });
}
