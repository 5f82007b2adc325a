import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { TestDatabase } from '@penstock/shared/testing';
import ExcelJS from 'exceljs';
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { COLUMN_NAMES } from './users.js';

/** The table of users in other forms, each written once, by somebody else's code. */

const TIME_COLUMNS: ReadonlySet<string> = new Set(['signed_up', 'updated_at']);

/** All columns as texts, booleans and times as everybody but PostgreSQL writes them. */
const TEXTS = COLUMN_NAMES.map((name) => {
  const rfc3339 = `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${name}`;
  return TIME_COLUMNS.has(name) ? rfc3339 : `${name}::text AS ${name}`;
}).join(', ');

/** Rows that are written at a time. */
const CHUNK = 50_000;

type User = Readonly<Record<string, unknown>>;

/** CSV with a header; of all users, or of some. */
export async function writeCsv(source: TestDatabase, file: string, limit: number | null = null): Promise<void> {
  const users = `SELECT ${TEXTS} FROM users LIMIT ${limit ?? 'ALL'}`;
  await copyToFile(source, `COPY (${users}) TO STDOUT WITH (FORMAT csv, HEADER)`, file);
}

/** CSV without a header, with the columns that the identities have: what a plain COPY reads. */
export async function writeIdentitiesCsv(source: TestDatabase, file: string): Promise<void> {
  const columns = `1, 1, id, updated_at AT TIME ZONE 'UTC', 1, ${COLUMN_NAMES.join(', ')}`;
  await copyToFile(source, `COPY (SELECT ${columns} FROM users) TO STDOUT WITH (FORMAT csv)`, file);
}

export async function writeGzip(from: string, to: string): Promise<void> {
  await pipe(createReadStream(from), createGzip({ level: 6 }), createWriteStream(to));
}

/** JSON Lines. None of the texts has a backslash, which COPY would double. */
export async function writeJsonLines(source: TestDatabase, file: string): Promise<void> {
  await copyToFile(source, 'COPY (SELECT row_to_json(users) FROM users) TO STDOUT', file);
}

/** Parquet with row groups of 100,000, compressed by Snappy. */
export async function writeParquet(source: TestDatabase, file: string): Promise<void> {
  const writer = new ByteWriter();
  await parquetWriteRows({
    writer,
    rows: parquetRows(source),
    schema: [{ name: 'root', num_children: PARQUET.length }, ...PARQUET],
    columns: COLUMN_NAMES.map((name) => ({ name })),
    rowGroupSize: 100_000,
  });
  await writeFile(file, Buffer.from(writer.getBytes()));
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;
const TIME = {
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
} as const;
const TYPES = {
  logins: { type: 'INT32' },
  score: { type: 'DOUBLE' },
  lifetime_value: { type: 'INT64', converted_type: 'DECIMAL', precision: 12, scale: 2 },
  active: { type: 'BOOLEAN' },
  signed_up: TIME,
  updated_at: TIME,
} as const;
const PARQUET = COLUMN_NAMES.map((name) => ({
  name,
  repetition_type: 'OPTIONAL' as const,
  ...(TYPES[name as keyof typeof TYPES] ?? TEXT),
}));

async function* parquetRows(source: TestDatabase): AsyncGenerator<User> {
  const micros = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text AS ${column}`;
  const columns = COLUMN_NAMES.map((name) => (TIME_COLUMNS.has(name) ? micros(name) : name));
  for await (const users of chunks(source, columns.map(unscaled).join(', '))) {
    for (const user of users) {
      yield {
        ...user,
        lifetime_value: BigInt(String(user.lifetime_value)),
        signed_up: BigInt(String(user.signed_up)),
        updated_at: BigInt(String(user.updated_at)),
      };
    }
  }
}

function unscaled(column: string): string {
  return column === 'lifetime_value' ? '(lifetime_value * 100)::bigint::text AS lifetime_value' : column;
}

/** A workbook with the first `count` users in its only sheet, `Users`. */
export async function writeExcel(source: TestDatabase, file: string, count: number): Promise<void> {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: true });
  const sheet = workbook.addWorksheet('Users');
  sheet.addRow(COLUMN_NAMES).commit();
  let written = 0;
  for await (const users of chunks(source, TEXTS)) {
    for (const user of users.slice(0, count - written)) sheet.addRow(COLUMN_NAMES.map((name) => user[name])).commit();
    written += users.length;
    if (written >= count) break;
  }
  await workbook.commit();
}

/** The table in MySQL or MariaDB, in a database of its own; returns what undoes it. */
export async function fillMysql(source: TestDatabase, url: string, database: string): Promise<() => Promise<void>> {
  const connection = await mysql.createConnection(url);
  await connection.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${database}`);
  await connection.query(
    `CREATE TABLE users (id varchar(40) PRIMARY KEY, email varchar(200), first_name varchar(100), last_name varchar(100),
       country varchar(10), city varchar(100), plan varchar(20), logins int, score double, lifetime_value decimal(12,2),
       active bit(1), signed_up datetime(6), updated_at datetime(6))`,
  );
  const utc = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS ${column}`;
  const columns = COLUMN_NAMES.map((name) => (TIME_COLUMNS.has(name) ? utc(name) : name));
  for await (const users of chunks(source, columns.join(', '))) {
    for (let start = 0; start < users.length; start += 2_000) {
      const rows = users.slice(start, start + 2_000).map((user) => COLUMN_NAMES.map((name) => user[name]));
      await connection.query('INSERT INTO users VALUES ?', [rows]);
    }
  }
  return async () => {
    await connection.query(`DROP DATABASE ${database}`);
    await connection.end();
  };
}

async function* chunks(source: TestDatabase, columns: string): AsyncGenerator<User[]> {
  const client = new pg.Client(source.url);
  await client.connect();
  try {
    await client.query(`BEGIN; DECLARE every_user CURSOR FOR SELECT ${columns} FROM users`);
    for (;;) {
      const { rows } = await client.query<Record<string, unknown>>(`FETCH ${CHUNK} FROM every_user`);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    await client.end();
  }
}

async function copyToFile(source: TestDatabase, copy: string, file: string): Promise<void> {
  const client = new pg.Client(source.url);
  await client.connect();
  try {
    await pipe(client.query(copyTo(copy)), createWriteStream(path.resolve(file)));
  } finally {
    await client.end();
  }
}
