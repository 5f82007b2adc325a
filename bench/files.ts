import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import type { FileImportDefinition, PipelineDefinition } from '@penstock/domain';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  fillMysql,
  writeCsv,
  writeExcel,
  writeGzip,
  writeIdentitiesCsv,
  writeJsonLines,
  writeParquet,
} from './support/file-users.js';
import { purge, timeRun } from './support/import-runs.js';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median, timed } from './support/statistics.js';
import { COLUMN_NAMES, createUsers, IN_SCHEMA, PLAIN, PROFILE_SCHEMA } from './support/users.js';
import { type ConnectedPipeline, createWorld, type World } from './support/world.js';

const EXCEL_ROWS = 100_000;
/** The import whose memory the one of all rows is compared with has so many times fewer. */
const FEWER = 5;
const FEWER_NAME = 'CSV, fewer rows';
const MAX_MEMORY_MB = 350;

/** A way in which the users come. */
interface Form {
  readonly name: string;
  readonly target?: number;
  readonly rows: number;
  readonly pipeline: ConnectedPipeline;
}

/**
 * First imports of the same users from files of all formats and from MariaDB, each as a ratio to a plain COPY of the same rows from
 * a file into the same columns with the same unique index, in turn in the same run. All that import all rows must leave the same
 * identities behind as that COPY. Each form has a worker of its own, whose peak memory is measured.
 */
export async function benchFiles(rows: number, repetitions: number, only?: readonly string[]): Promise<Measure[]> {
  const world = await createWorld();
  const directory = await mkdtemp(path.join(tmpdir(), 'penstock-bench-'));
  const undo: (() => Promise<void>)[] = [];
  try {
    await createUsers(world.source, rows);
    const identities = path.join(directory, 'identities.csv');
    await writeIdentitiesCsv(world.source, identities);
    const forms = await writeForms(world, { directory, rows, undo, ...(only && { only }) });
    const copies: number[] = [];
    const results = forms.map((form) => ({ form, seconds: [] as number[], memoryMb: 0 }));
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const copy = await copyFile(world, identities, rows);
      copies.push(copy.seconds);
      for (const result of results) {
        const { form } = result;
        const { seconds, digest, memoryMb } = await importOnce(world, form, directory);
        result.seconds.push(seconds);
        result.memoryMb = Math.max(result.memoryMb, memoryMb);
        if (form.rows === rows && digest !== copy.digest) throw new Error(`${form.name} left other identities behind`);
      }
    }
    return [
      { name: `plain COPY of a file, ${label(rows)}`, value: median(copies), unit: 's', samples: copies },
      ...results.flatMap((result) => measuresOf(result, copies, rows)),
      ...growthOf(results),
    ];
  } finally {
    for (const step of undo) await step();
    await rm(directory, { recursive: true });
    await world.close();
  }
}

interface FormOptions {
  readonly directory: string;
  readonly rows: number;
  readonly undo: (() => Promise<void>)[];
  readonly only?: readonly string[];
}

async function writeForms(world: World, { directory, rows, undo, only }: FormOptions): Promise<Form[]> {
  const { source } = world;
  const file = (name: string) => path.join(directory, name);
  const wanted = (name: string) => only === undefined || only.includes(name);
  const forms: Form[] = [];
  if (wanted('csv') || wanted('gzip')) await writeCsv(source, file('users.csv'));
  if (wanted('csv')) {
    await writeCsv(source, file('fewer.csv'), Math.floor(rows / FEWER));
    const fewer = ofFile({ format: 'csv', path: 'fewer.csv' });
    forms.push({ name: FEWER_NAME, rows: Math.floor(rows / FEWER), pipeline: fewer });
    forms.push({ name: 'CSV', target: 1.8, rows, pipeline: ofFile({ format: 'csv', path: 'users.csv' }) });
  }
  if (wanted('gzip')) {
    await writeGzip(file('users.csv'), file('users.csv.gz'));
    const definition = { format: 'csv', path: 'users.csv.gz', compression: 'Gzip' } as const;
    forms.push({ name: 'CSV with gzip', rows, pipeline: ofFile(definition) });
  }
  if (wanted('json')) {
    await writeJsonLines(source, file('users.jsonl'));
    const definition = { format: 'json', path: 'users.jsonl', inSchema: schemaOf({ kind: 'json' }) };
    forms.push({ name: 'JSON Lines', target: 2.5, rows, pipeline: ofFile(definition) });
  }
  if (wanted('parquet')) {
    await writeParquet(source, file('users.parquet'));
    const definition = { format: 'parquet', path: 'users.parquet', inSchema: IN_SCHEMA, updatedAtFormat: null };
    forms.push({ name: 'Parquet', target: 1.8, rows, pipeline: ofFile(definition) });
  }
  if (wanted('excel')) {
    await writeExcel(source, file('users.xlsx'), Math.min(rows, EXCEL_ROWS));
    const definition = { format: 'excel', path: 'users.xlsx', sheet: 'Users' };
    forms.push({ name: 'Excel', rows: Math.min(rows, EXCEL_ROWS), pipeline: ofFile(definition) });
  }
  const mysqlUrl = process.env.TEST_MYSQL_URL;
  if (wanted('mariadb') && mysqlUrl !== undefined) {
    const database = `penstock_bench_${process.pid}`;
    undo.push(await fillMysql(source, mysqlUrl, database));
    forms.push({ name: 'MariaDB', target: 2, rows, pipeline: ofMysql(mysqlUrl, database) });
  }
  return forms;
}

/** The columns of a file that knows no types, as a preview shows them. */
function schemaOf(type: Record<string, unknown>) {
  return { kind: 'object', properties: COLUMN_NAMES.map((name) => ({ name, type, description: '' })) };
}

function ofFile(definition: Partial<FileImportDefinition>): ConnectedPipeline {
  return {
    connector: 'filesystem',
    settings: {},
    definition: {
      ...{ kind: 'import-from-file', format: '', path: '', sheet: null, compression: null, formatSettings: {} },
      ...common,
      inSchema: schemaOf({ kind: 'string' }),
      updatedAtFormat: 'ISO8601',
      ...definition,
    },
  };
}

function ofMysql(url: string, database: string): ConnectedPipeline {
  const { hostname, port, username, password } = new URL(url);
  return {
    connector: 'mysql',
    settings: { host: hostname, port: Number(port), username, password: decodeURIComponent(password), database },
    definition: { kind: 'import-from-database', query: 'SELECT * FROM users', ...common, inSchema: MYSQL_SCHEMA },
  };
}

const common: Omit<Extract<PipelineDefinition, { kind: 'import-from-database' }>, 'kind' | 'query'> = {
  userIDColumn: 'id',
  updatedAtColumn: 'updated_at',
  updatedAtFormat: null,
  filter: null,
  inSchema: IN_SCHEMA,
  outSchema: PROFILE_SCHEMA,
  transformation: PLAIN,
};

/** Texts have a greatest length in MySQL. */
const LENGTHS: Readonly<Record<string, number>> = {
  ...{ id: 40, email: 200, first_name: 100, last_name: 100, country: 10, city: 100, plan: 20 },
};
const MYSQL_SCHEMA = {
  ...IN_SCHEMA,
  properties: IN_SCHEMA.properties.map((property) => {
    const maxLength = LENGTHS[property.name];
    return maxLength === undefined ? property : { ...property, type: { kind: 'string', maxLength } };
  }),
};

/** Seconds of a COPY from a file, into a table like the pipeline's part of the identities, with its unique index. */
async function copyFile(
  { warehouse }: World,
  file: string,
  rows: number,
): Promise<{ readonly seconds: number; readonly digest: unknown }> {
  await warehouse.query('DROP TABLE IF EXISTS plain');
  await warehouse.query(
    'CREATE TABLE plain (LIKE penstock_identities INCLUDING DEFAULTS, PRIMARY KEY (_user_id, _pipeline))',
  );
  const client = new pg.Client(warehouse.url);
  await client.connect();
  const columns = `_pipeline, _connection, _user_id, _updated_at, _run, ${COLUMN_NAMES.join(', ')}`;
  const copy = `COPY plain (${columns}) FROM STDIN WITH (FORMAT csv)`;
  const seconds = await timed(() => pipe(createReadStream(file), client.query(copyFrom(copy))));
  await client.end();
  const [counted] = await warehouse.query<{ count: number }>('SELECT count(*)::int AS count FROM plain');
  if (counted?.count !== rows) throw new Error(`the plain COPY wrote ${counted?.count} rows instead of ${rows}`);
  const [row] = await warehouse.query<{ digest: string }>(digestOf('plain'), [1]);
  await warehouse.query('DROP TABLE plain');
  await warehouse.query('CHECKPOINT');
  return { seconds, digest: row?.digest };
}

function digestOf(table: string): string {
  return `SELECT md5(string_agg(md5(t::text), '' ORDER BY _user_id)) AS digest
    FROM (SELECT _user_id, _updated_at, ${COLUMN_NAMES.join(', ')} FROM ${table} WHERE _pipeline = $1) t`;
}

async function importOnce(world: World, form: Form, directory: string) {
  const worker = new AppProcess('worker', { ...world.env, FILESYSTEM_ROOT: directory });
  try {
    const id = await world.createConnected(form.pipeline);
    const seconds = await timeRun(world, id, { added: form.rows, changed: 0, unchanged: 0 });
    const memoryMb = worker.peakMemoryMb;
    const [row] = await world.warehouse.query<{ digest: string }>(digestOf('penstock_identities'), [id]);
    await purge(world, id);
    return { seconds, memoryMb, digest: row?.digest };
  } finally {
    await worker.stop();
  }
}

interface Result {
  readonly form: Form;
  readonly seconds: readonly number[];
  readonly memoryMb: number;
}

/** Fewer rows than the COPY had count in proportion. */
function measuresOf({ form, seconds, memoryMb }: Result, copies: readonly number[], rows: number): Measure[] {
  const ratios = seconds.map((value, index) => (value * rows) / form.rows / (copies[index] ?? Number.NaN));
  const value = median(ratios);
  const { target } = form;
  return [
    {
      ...{ name: `first import of ${form.name}, ${label(form.rows)}`, value, unit: 'x COPY', samples: seconds },
      ...(target !== undefined && { target: `<= ${target} x`, met: value <= target }),
    },
    {
      ...{ name: `worker peak memory, ${form.name}`, value: memoryMb, unit: 'MB', samples: [memoryMb] },
      ...{ target: `< ${MAX_MEMORY_MB} MB`, met: memoryMb < MAX_MEMORY_MB },
    },
  ];
}

/** The memory of an import must not depend on the size of its file. */
function growthOf(results: readonly Result[]): Measure[] {
  const memoryOf = (name: string) => results.find(({ form }) => form.name === name)?.memoryMb ?? Number.NaN;
  const value = memoryOf('CSV') / memoryOf(FEWER_NAME);
  if (Number.isNaN(value)) return [];
  const name = `peak memory of CSV, ${FEWER} times the rows`;
  return [{ name, value, unit: 'x', samples: [value], target: '<= 1.25 x', met: value <= 1.25 }];
}

function label(rows: number): string {
  return `${rows / 1_000_000}M users x ${COLUMN_NAMES.length} columns`;
}
