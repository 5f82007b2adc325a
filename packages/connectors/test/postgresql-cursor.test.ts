import type { ReadFrom } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresql, type PostgresqlTest } from './open-postgresql.js';
import { readAll, rejection } from './read-source.js';

const UPDATED_AT = '${' + 'updated_at}';
const datetime = (updatedAt: string): ReadFrom => ({ updatedAt, kind: 'datetime' });
const date = (updatedAt: string): ReadFrom => ({ updatedAt, kind: 'date' });

const TIMES = [
  '2026-01-01 10:00:00',
  '2026-01-01 10:00:00.123456',
  '2026-01-01 10:00:00.123457',
  '2026-01-02 00:00:00',
];

const CASES: [column: string, from: ReadFrom | null, ids: string][] = [
  ['tz', null, '1234'],
  ['tz', datetime('2026-01-01 10:00:00'), '1234'],
  ['tz', datetime('2026-01-01 10:00:00.000001'), '234'],
  ['tz', datetime('2026-01-01 10:00:00.123456'), '234'],
  ['tz', datetime('2026-01-01 10:00:00.123456999'), '234'],
  ['tz', datetime('2026-01-01 10:00:00.123457'), '34'],
  ['tz', date('2026-01-02'), '4'],
  ['tz', datetime('2026-01-02'), '4'],
  ['ts', null, '1234'],
  ['ts', datetime('2026-01-01 10:00:00.123456'), '234'],
  ['ts', date('2026-01-01'), '1234'],
  ['d', null, '1234'],
  ['d', datetime('2026-01-02 00:00:00'), '4'],
  ['d', datetime('2026-01-01 23:59:59'), '1234'],
  ['d', date('2026-01-02'), '4'],
];

describe('postgresql incremental reads', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
    await test.execute('CREATE TABLE events (id int, tz timestamptz, ts timestamp, d date)');
    for (const [index, time] of TIMES.entries()) {
      await test.execute(`INSERT INTO events VALUES (${index + 1}, '${time}+00', '${time}', '${time}')`);
    }
    const [{ name } = {}] = await test.execute('SELECT current_database() AS name');
    await test.execute(`ALTER DATABASE ${name} SET TimeZone = 'Asia/Tokyo'`);
    await test.execute(`ALTER DATABASE ${name} SET DateStyle = 'SQL, DMY'`);
  });
  afterAll(() => test.drop());

  it.each(CASES)('compares column %s with the cursor %j', async (column, from, ids) => {
    const where = `WHERE ${column} >= ${UPDATED_AT} OR ${UPDATED_AT} IS NULL`;
    const { rows } = await readAll(test.source, `SELECT id FROM events ${where} ORDER BY id`, from);
    expect(rows.join('')).toBe(ids);
  });

  it.each(['2026-01-01T10:00:00', "it's", "'", "''", 'a\\b', "\\'; DROP TABLE events; --", '\\'])(
    'compares a column of text with the text %j and nothing else',
    async (text) => {
      const from: ReadFrom = { updatedAt: '2026-01-01 10:00:00', kind: 'datetime', text };
      const { rows } = await readAll(test.source, `SELECT (${UPDATED_AT})::text AS v`, from);
      expect(rows).toEqual([[text]]);
    },
  );

  it('reads the texts that are not before the cursor in the format of the column', async () => {
    const iso = `to_char(ts, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
    const query = `SELECT id FROM events WHERE ${iso} >= ${UPDATED_AT} ORDER BY id`;
    const from: ReadFrom = { updatedAt: '2026-01-01 10:00:00.123', kind: 'datetime', text: '2026-01-01T10:00:00' };
    expect((await readAll(test.source, query, from)).rows.join('')).toBe('1234');
    expect((await readAll(test.source, query, { ...from, text: '2026-01-01T10:00:01' })).rows.join('')).toBe('4');
  });

  it('takes blanks around the name of a placeholder', async () => {
    const query = `SELECT id FROM events WHERE tz >= ${UPDATED_AT.replace('updated_at', ' updated_at\n')}`;
    expect((await readAll(test.source, query, date('2026-01-02'))).rows).toEqual([['4']]);
  });

  it('never puts a cursor into a query that is not a time', async () => {
    const error = await rejection(readAll(test.source, `SELECT ${UPDATED_AT} AS v`, datetime("2026-01-01'; --")));
    expect(error).toMatchObject({ message: 'the cursor is not a canonical date or datetime' });
  });
});
