import type { TestDatabase } from '@penstock/shared/testing';
import { plainCopy, purge, timeRun } from './support/import-runs.js';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median } from './support/statistics.js';
import { COLUMN_NAMES, createUsers, PLAIN } from './support/users.js';
import { createWorld } from './support/world.js';

const QUERY = 'SELECT * FROM users';

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
      const [id] = (await world.createPipelines(1, { query: QUERY, transformation: PLAIN })) as [number];
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

async function changeOnePercent(source: TestDatabase, repetition: number): Promise<number> {
  const rows = await source.query(
    `UPDATE users SET logins = logins + 1 WHERE substr(id, 6)::int % 100 = $1 RETURNING 1`,
    [repetition],
  );
  await source.query('VACUUM users');
  return rows.length;
}
