import { plainCopy, purge, timeRun } from './support/import-runs.js';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median } from './support/statistics.js';
import { FILTER, FUNCTION, IN_SCHEMA, MAPPING, PROFILE_SCHEMA, passing, QUERY } from './support/transformed-users.js';
import { COLUMN_NAMES, createUsers } from './support/users.js';
import { createWorld, type World } from './support/world.js';

const CASTS = { signed_up: "(signed_up AT TIME ZONE 'UTC')::date" };

const DIGEST = `SELECT md5(string_agg(md5(t::text), '' ORDER BY _user_id)) AS digest
  FROM (SELECT _user_id, _updated_at, ${COLUMN_NAMES.join(', ')} FROM penstock_identities WHERE _pipeline = $1) t`;

/**
 * First imports of `rows` users through a filter and a realistic mapping, and through a function that does the same, as ratios
 * to a plain COPY of the same rows in the same run. Both must leave the same identities behind.
 */
export async function benchTransformations(rows: number, repetitions: number): Promise<Measure[]> {
  const world = await createWorld({ inSchema: IN_SCHEMA, profileSchema: PROFILE_SCHEMA });
  const worker = new AppProcess('worker', world.env);
  const samples = { copy: [] as number[], mapping: [] as number[], function: [] as number[] };
  try {
    await createUsers(world.source, rows);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      samples.copy.push(await plainCopy(world, rows, CASTS));
      const mapped = await importOnce(world, rows, { mapping: { ...MAPPING } });
      samples.mapping.push(mapped.seconds);
      const byFunction = await importOnce(world, rows, { function: FUNCTION });
      samples.function.push(byFunction.seconds);
      if (mapped.digest !== byFunction.digest) throw new Error('mapping and function left different identities behind');
    }
    return measuresOf(rows, samples, worker.peakMemoryMb);
  } finally {
    await worker.stop();
    await world.close();
  }
}

async function importOnce(
  world: World,
  rows: number,
  transformation: Parameters<World['createPipelines']>[1]['transformation'],
): Promise<{ readonly seconds: number; readonly digest: unknown }> {
  const [id] = (await world.createPipelines(1, { query: QUERY, transformation, filter: FILTER })) as [number];
  const seconds = await timeRun(world, id, { added: passing(rows), changed: 0, unchanged: 0 });
  const [row] = await world.warehouse.query<{ digest: string }>(DIGEST, [id]);
  await purge(world, id);
  return { seconds, digest: row?.digest };
}

function measuresOf(
  rows: number,
  samples: Record<'copy' | 'mapping' | 'function', number[]>,
  memoryMb: number,
): Measure[] {
  const label = `${rows / 1_000_000}M users x ${COLUMN_NAMES.length} columns`;
  const ratio = median(samples.mapping.map((seconds, index) => seconds / (samples.copy[index] ?? Number.NaN)));
  const perSecond = median(samples.function.map((seconds) => rows / seconds));
  return [
    { name: `plain COPY | COPY, ${label}`, value: median(samples.copy), unit: 's', samples: samples.copy },
    {
      ...{ name: `first import, filter and mapping, ${label}`, value: ratio, unit: 'x COPY', samples: samples.mapping },
      ...{ target: '<= 1.6 x', met: ratio <= 1.6 },
    },
    {
      ...{ name: `first import, filter and function, ${label}`, value: perSecond, unit: 'rec/s' },
      ...{ samples: samples.function, target: '>= 60000 rec/s', met: perSecond >= 60_000 },
    },
    { name: 'worker peak memory, functions included', value: memoryMb, unit: 'MB', samples: [memoryMb] },
  ];
}
