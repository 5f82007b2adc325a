import type { ReadFrom } from '@penstock/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPlaceholders } from '../src/mysql/literals.js';
import { describeMysql, type MysqlTest, openMysql } from './open-mysql.js';
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
  ['ts', null, '1234'],
  ['ts', datetime('2026-01-01 10:00:00'), '1234'],
  ['ts', datetime('2026-01-01 10:00:00.000001'), '234'],
  ['ts', datetime('2026-01-01 10:00:00.123456'), '234'],
  ['ts', datetime('2026-01-01 10:00:00.123456999'), '234'],
  ['ts', datetime('2026-01-01 10:00:00.123457'), '34'],
  ['ts', date('2026-01-02'), '4'],
  ['ts', datetime('2026-01-02'), '4'],
  ['dt', null, '1234'],
  ['dt', datetime('2026-01-01 10:00:00.123456'), '234'],
  ['dt', date('2026-01-01'), '1234'],
  ['d', null, '1234'],
  ['d', datetime('2026-01-02 00:00:00'), '4'],
  ['d', datetime('2026-01-01 23:59:59'), '4'],
  ['d', date('2026-01-02'), '4'],
];

/** Times of the hour that is passed over and of the one that is there twice, in Rome in 2026; in UTC. */
const SWITCHES = [
  '2026-03-29 00:59:59',
  '2026-03-29 01:00:00',
  '2026-03-29 01:30:00',
  '2026-10-25 00:30:00',
  '2026-10-25 01:30:00',
];

const HOSTILE = [
  '',
  "it's",
  "'",
  "''",
  '"',
  'a\\b',
  "\\'; DROP TABLE events; --",
  '\\',
  '`',
  '日本 👩‍👩‍👧',
  '\n\0\x1a',
];

describeMysql('mysql incremental reads', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
    await test.execute('CREATE TABLE events (id int, ts timestamp(6) NULL, dt datetime(6), d date)');
    for (const [index, time] of TIMES.entries()) {
      const insert = `INSERT INTO events VALUES (${index + 1}, '${time}', '${time}', DATE '${time.slice(0, 10)}')`;
      await test.execute(`SET time_zone = '+00:00'; ${insert}`);
    }
  });
  afterAll(() => test.drop());

  it.each(CASES)('compares column %s with the cursor %j', async (column, from, ids) => {
    const where = `WHERE ${column} >= ${UPDATED_AT} OR ${UPDATED_AT} IS NULL`;
    const { rows } = await readAll(test.source, `SELECT id FROM events ${where} ORDER BY id`, from);
    expect(rows.join('')).toBe(ids);
  });

  it('reads and compares TIMESTAMP in UTC, whatever the zone of the server is and when its clocks change', async () => {
    await test.execute('CREATE TABLE switches (id int, ts timestamp NULL)');
    for (const [id, time] of SWITCHES.entries()) {
      await test.execute(`SET time_zone = '+00:00'; INSERT INTO switches VALUES (${id}, '${time}')`);
    }
    const [{ zone } = {}] = await test.execute('SELECT @@GLOBAL.time_zone AS zone');
    await test.execute("SET GLOBAL time_zone = '-09:30'");
    try {
      const { rows } = await readAll(test.source, 'SELECT ts FROM switches ORDER BY id');
      expect(rows.flat()).toEqual(SWITCHES);
      for (const [id, time] of SWITCHES.entries()) {
        const query = `SELECT id FROM switches WHERE ts >= ${UPDATED_AT} ORDER BY ts`;
        const { rows: later } = await readAll(test.source, query, datetime(time));
        expect(later.flat()).toEqual([...SWITCHES.keys()].slice(id));
      }
    } finally {
      await test.execute(`SET GLOBAL time_zone = '${zone}'`);
    }
  });

  it.each(HOSTILE)('compares a column of text with the text %j and nothing else', async (text) => {
    const from: ReadFrom = { updatedAt: '2026-01-01 10:00:00', kind: 'datetime', text };
    const { rows } = await readAll(test.source, `SELECT ${UPDATED_AT} AS v, ${UPDATED_AT} = '' AS e`, from);
    expect(rows).toEqual([[text, text === '' ? 1 : 0]]);
  });

  it.each(['', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', 'ORACLE'])(
    'writes literals that mean the same with the sql_mode "%s"',
    async (mode) => {
      for (const text of HOSTILE) {
        const literal = runPlaceholders({ updatedAt: '2026-01-01', kind: 'date', text }).get('updated_at');
        const results = await test.execute(`SET NAMES utf8mb4, sql_mode = '${mode}'; SELECT ${literal} AS v`);
        expect(results.at(-1)).toEqual([{ v: text }]);
      }
      await test.execute('SET sql_mode = DEFAULT');
    },
  );

  it('reads the texts that are not before the cursor in the format of the column', async () => {
    const query = `SELECT id FROM events WHERE DATE_FORMAT(dt, '%Y-%m-%dT%H:%i:%s.%fZ') >= ${UPDATED_AT} ORDER BY id`;
    const from: ReadFrom = { updatedAt: '2026-01-01 10:00:00.123', kind: 'datetime', text: '2026-01-01T10:00:00' };
    expect((await readAll(test.source, query, from)).rows.join('')).toBe('1234');
    expect((await readAll(test.source, query, { ...from, text: '2026-01-01T10:00:01' })).rows.join('')).toBe('4');
  });

  it('takes blanks around the name of a placeholder', async () => {
    const query = `SELECT id FROM events WHERE dt >= ${UPDATED_AT.replace('updated_at', ' updated_at\n')}`;
    expect((await readAll(test.source, query, date('2026-01-02'))).rows).toEqual([[4]]);
  });

  it('never puts a cursor into a query that is not a time', async () => {
    const error = await rejection(readAll(test.source, `SELECT ${UPDATED_AT} AS v`, datetime("2026-01-01'; --")));
    expect(error).toMatchObject({ message: 'the cursor is not a canonical date or datetime' });
  });
});
