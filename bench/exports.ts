import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import type { DatabaseExportDefinition, FileExportDefinition } from '@penstock/domain';
import { connectionSettings, createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import { parquetMetadata } from 'hyparquet';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { timeRun } from './support/import-runs.js';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median, timed } from './support/statistics.js';
import {
  COLUMN_NAMES,
  createProfiles,
  createUsersTable,
  PLAIN,
  PROFILE_SCHEMA,
  TABLE_SCHEMA,
} from './support/users.js';
import { createWorld, type World } from './support/world.js';

const MAX_MEMORY_MB = 350;

/** What is exported to, and what is measured of it. */
type Form = 'first' | 'unchanged' | 'changed' | 'csv' | 'parquet';

const TARGETS: Readonly<Record<Form, { readonly name: string; readonly target?: number }>> = {
  first: { name: 'first export to a table', target: 2 },
  unchanged: { name: 'unchanged re-export to a table', target: 0.6 },
  changed: { name: 're-export to a table, 1% changed' },
  csv: { name: 'export to CSV', target: 1.5 },
  parquet: { name: 'export to Parquet', target: 2.5 },
};

/**
 * Exports `rows` profiles to a table of another database, first, unchanged and with 1% changed, and to files, each as a ratio to a plain COPY
 * of the profiles into such a table with its unique index, measured in turn in the same run. What arrives is compared with the profiles.
 */
export async function benchExports(
  rows: number,
  repetitions: number,
  only = ['table', 'csv', 'parquet'],
): Promise<Measure[]> {
  const world = await createWorld();
  const destination = await createEmptyDatabase();
  const directory = await mkdtemp(path.join(tmpdir(), 'penstock-bench-'));
  const worker = new AppProcess('worker', { ...world.env, FILESYSTEM_ROOT: directory });
  const copies: number[] = [];
  const samples: Record<Form, number[]> = { first: [], unchanged: [], changed: [], csv: [], parquet: [] };
  try {
    await createProfiles(world.warehouse, rows);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      copies.push(await plainCopy(world, destination));
      if (only.includes('table')) await exportToTable(world, { destination, rows, repetition, samples });
      for (const form of ['csv', 'parquet'] as const) {
        if (only.includes(form)) samples[form].push(await exportToFile(world, form, { directory, rows }));
      }
    }
    return measuresOf(rows, { copies, samples, memoryMb: worker.peakMemoryMb });
  } finally {
    await worker.stop();
    await rm(directory, { recursive: true });
    await world.close();
    await destination.drop();
  }
}

interface TableExports {
  readonly destination: TestDatabase;
  readonly rows: number;
  readonly repetition: number;
  readonly samples: Record<Form, number[]>;
}

async function exportToTable(world: World, { destination, rows, repetition, samples }: TableExports): Promise<void> {
  await createUsersTable(destination, 'users');
  const id = await world.createConnected({
    connector: 'postgresql',
    settings: connectionSettings(destination.url),
    definition: TABLE_EXPORT,
  });
  samples.first.push(await timeRun(world, id, { added: rows, changed: 0, unchanged: 0 }));
  await requireSame(world, destination);
  samples.unchanged.push(await timeRun(world, id, { added: 0, changed: 0, unchanged: rows }));
  const changed = await changeOnePercent(world.warehouse, repetition);
  samples.changed.push(await timeRun(world, id, { added: 0, changed, unchanged: rows - changed }));
  await requireSame(world, destination);
  // The pipeline stays: a purge would have the profiles resolved, which no identities are behind here.
  await destination.query('DROP TABLE users');
}

const TABLE_EXPORT: DatabaseExportDefinition = {
  kind: 'export-to-database',
  tableName: 'users',
  tableKey: 'id',
  onLeave: 'keep',
  filter: null,
  inSchema: PROFILE_SCHEMA,
  outSchema: TABLE_SCHEMA,
  transformation: PLAIN,
};

const FILE_EXPORT: FileExportDefinition = {
  kind: 'export-to-file',
  ...{ format: 'csv', path: '', sheet: null, compression: null, formatSettings: {} },
  ...{ orderBy: 'id', filter: null, inSchema: PROFILE_SCHEMA },
};

async function exportToFile(
  world: World,
  format: 'csv' | 'parquet',
  { directory, rows }: { readonly directory: string; readonly rows: number },
): Promise<number> {
  const definition = { ...FILE_EXPORT, format, path: `profiles.${format}` };
  const id = await world.createConnected({ connector: 'filesystem', settings: {}, definition });
  const seconds = await timeRun(world, id, { added: rows });
  const file = path.join(directory, definition.path);
  if (format === 'csv') await requireSameCsv(world, file);
  else await requireRows(file, rows);
  await rm(file);
  return seconds;
}

/** Seconds of COPY out of the profiles, COPY into a table with its unique index. */
async function plainCopy({ warehouse }: World, destination: TestDatabase): Promise<number> {
  await createUsersTable(destination, 'plain');
  const [source, target] = [new pg.Client(warehouse.url), new pg.Client(destination.url)];
  await Promise.all([source.connect(), target.connect()]);
  const names = COLUMN_NAMES.join(', ');
  const seconds = await timed(() =>
    pipe(
      source.query(copyTo(`COPY (SELECT ${names} FROM penstock_profiles) TO STDOUT`)),
      target.query(copyFrom(`COPY plain (${names}) FROM STDIN`)),
    ),
  );
  await Promise.all([source.end(), target.end()]);
  await destination.query('DROP TABLE plain');
  await destination.query('CHECKPOINT');
  return seconds;
}

const DIGEST = `SELECT md5(string_agg(row::text, chr(10) ORDER BY id COLLATE "C")) AS digest, count(*)::int AS count`;

async function requireSame({ warehouse }: World, destination: TestDatabase, table = 'users'): Promise<void> {
  const names = COLUMN_NAMES.join(', ');
  const digest = (from: string) => `${DIGEST} FROM (SELECT ${names} FROM ${from}) AS row`;
  const [expected] = await warehouse.query(digest('penstock_profiles'));
  const [found] = await destination.query(digest(table));
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error('the export left other rows behind');
}

async function requireSameCsv(world: World, file: string): Promise<void> {
  await createUsersTable(world.source, 'exported');
  const client = new pg.Client(world.source.url);
  await client.connect();
  try {
    await client.query("SET TimeZone TO 'UTC'");
    const copy = copyFrom(`COPY exported (${COLUMN_NAMES.join(', ')}) FROM STDIN (FORMAT csv, HEADER)`);
    await pipe(createReadStream(file), client.query(copy));
  } finally {
    await client.end();
  }
  await requireSame(world, world.source, 'exported');
  await world.source.query('DROP TABLE exported');
}

/** Readers of Parquet begin at the end. */
async function requireRows(file: string, rows: number): Promise<void> {
  const END_BYTES = 4 * 1024 * 1024;
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, END_BYTES));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const bytes = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length) as ArrayBuffer;
    const found = Number(parquetMetadata(bytes).num_rows);
    if (found !== rows) throw new Error(`the Parquet file has ${found} rows`);
  } finally {
    await handle.close();
  }
}

/** As a resolution leaves it: new values, and a revision that says so. */
async function changeOnePercent(warehouse: TestDatabase, repetition: number): Promise<number> {
  const rows = await warehouse.query(
    `UPDATE penstock_profiles SET logins = logins + 1, _revision = _revision + 1
     WHERE substr(id, 6)::int % 100 = $1 RETURNING 1`,
    [repetition],
  );
  await warehouse.query('VACUUM penstock_profiles');
  return rows.length;
}

interface Results {
  readonly copies: readonly number[];
  readonly samples: Record<Form, number[]>;
  readonly memoryMb: number;
}

function measuresOf(rows: number, { copies, samples, memoryMb }: Results): Measure[] {
  const label = `${rows / 1_000_000}M profiles x ${COLUMN_NAMES.length} columns`;
  const measured = (Object.keys(samples) as Form[]).filter((form) => samples[form].length > 0);
  const ratios = measured.map((form): Measure => {
    const { name, target } = TARGETS[form];
    const value = median(samples[form].map((seconds, index) => seconds / (copies[index] ?? Number.NaN)));
    return {
      ...{ name: `${name}, ${label}`, value, unit: 'x COPY', samples: samples[form] },
      ...(target !== undefined && { target: `<= ${target} x`, met: value <= target }),
    };
  });
  return [
    { name: `plain COPY | COPY of profiles, ${label}`, value: median(copies), unit: 's', samples: copies },
    ...ratios,
    {
      ...{ name: `worker peak memory, exports, ${label}`, value: memoryMb, unit: 'MB', samples: [memoryMb] },
      ...{ target: `< ${MAX_MEMORY_MB} MB`, met: memoryMb < MAX_MEMORY_MB },
    },
  ];
}
