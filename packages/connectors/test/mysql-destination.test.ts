import { FenceLostError } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import { createConnection } from 'mysql2/promise';
import { expect, it } from 'vitest';
import { describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { unhurried } from './read-source.js';
import {
  exportRows,
  openTable,
  type TableHarness,
  tableDestinationConformance,
  writeAll,
} from './table-destination-conformance.js';

describeMysql('mysql as a destination', () => {
  tableDestinationConformance('mysql', async () => harnessOf(await openMysql()));
});

function harnessOf(test: MysqlTest): TableHarness {
  return {
    table: (table, key) => mysql.openDestination(test.settings, { table, key }),
    schema: (table) => mysql.tableSchema(test.settings, table, unhurried()),
    execute: (sql) => test.execute(sql),
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    refuseBadNames: async (table) => {
      for (const event of ['INSERT', 'UPDATE']) {
        await test.execute(`CREATE TRIGGER ${table}_${event} BEFORE ${event} ON ${table} FOR EACH ROW
          IF NEW.name = 'bad' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no bad!'; END IF`);
      }
    },
    conflictTwice: async (table) => {
      // What an engine without transactions counts stays counted.
      await test.execute(
        `CREATE TABLE ${table}_tries (n integer) ENGINE = MyISAM; INSERT INTO ${table}_tries VALUES (0)`,
      );
      await test.execute(`CREATE TRIGGER ${table}_conflict BEFORE INSERT ON ${table} FOR EACH ROW BEGIN
        UPDATE ${table}_tries SET n = n + 1;
        IF (SELECT n FROM ${table}_tries) <= 2 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF; END`);
    },
    foldingText: 'varchar(40) COLLATE utf8mb4_general_ci',
    hold: async (table) => {
      const connection = await createConnection({
        uri: process.env.TEST_MYSQL_URL ?? '',
        database: test.settings.database,
      });
      await connection.query(`LOCK TABLES ${table} READ`);
      return async () => await connection.end();
    },
    sessions: () => test.sessions(),
    waiting: () => test.sessions("STATE LIKE '%lock%'"),
    endSessions: test.endSessions,
    stop: test.drop,
  };
}

/** What a value of a type becomes as text in a column; null where it is refused. */
type Case = readonly [column: string, type: Type, value: Value, stored: string | null];

const STRING: Type = { kind: 'string' };
const INT64: Type = { kind: 'int', bitSize: 64 };
const DATETIME: Type = { kind: 'datetime' };

const CASES: readonly Case[] = [
  ['bigint', INT64, '-9223372036854775808', '-9223372036854775808'],
  ['bigint unsigned', { kind: 'int', bitSize: 64, unsigned: true }, '18446744073709551615', '18446744073709551615'],
  ['int', INT64, '9223372036854775807', null],
  ['tinyint', { kind: 'int', bitSize: 8 }, -128, '-128'],
  ['tinyint(1)', { kind: 'boolean' }, true, '1'],
  ['bit(1)', { kind: 'boolean' }, true, '1'],
  ['bit(12)', { kind: 'int', bitSize: 64, unsigned: true }, '4095', '4095'],
  ['bit(12)', { kind: 'int', bitSize: 64, unsigned: true }, '4096', null],
  [
    'decimal(30,10)',
    { kind: 'decimal', precision: 30, scale: 10 },
    '-12345678901234567890.0123456789',
    '-12345678901234567890.0123456789',
  ],
  ['decimal(6,2)', { kind: 'decimal', precision: 10, scale: 4 }, '1.2345', null],
  ['double', { kind: 'float', bitSize: 64 }, 1.5e-300, '1.5e-300'],
  ['double', { kind: 'float', bitSize: 64 }, Number.NaN, null],
  ['varchar(60)', STRING, 'it\'s \\ "q" é🎉 \n \0', 'it\'s \\ "q" é🎉 \n \0'],
  ['varchar(3)', STRING, 'äöü', 'äöü'],
  ['varchar(3)', STRING, 'abcd', null],
  ['varchar(5) CHARACTER SET latin1', STRING, 'é', 'é'],
  ['varchar(5) CHARACTER SET latin1', STRING, '🎉', null],
  ['varchar(5)', { kind: 'int', bitSize: 32 }, 7, '7'],
  ['varbinary(4)', STRING, '\\x00ff', '00FF'],
  ['blob', STRING, 'no bytes', null],
  ["enum('a','b')", STRING, 'b', 'b'],
  ["enum('a','b')", STRING, '1', null],
  ["enum('a','b')", STRING, 'c', null],
  ["set('a','b')", STRING, 'a,b', 'a,b'],
  ['uuid', { kind: 'uuid' }, '0189d4c6-9d5b-7c3e-8b1a-2f3e4d5c6b7a', '0189d4c6-9d5b-7c3e-8b1a-2f3e4d5c6b7a'],
  ['inet6', { kind: 'ip' }, '2001:db8::1', '2001:db8::1'],
  ['date', { kind: 'date' }, '0001-01-01', '0001-01-01'],
  ['year', { kind: 'year' }, 2024, '2024'],
  ['year', { kind: 'year' }, 1800, null],
  ['time(3)', { kind: 'time' }, '23:59:59.999999', '23:59:59.999'],
  ['datetime', DATETIME, '2024-12-31 23:59:59.999999', '2024-12-31 23:59:59'],
  ['datetime(6)', DATETIME, '2024-12-31 23:59:59.999999999', '2024-12-31 23:59:59.999999'],
  ['timestamp(6) NULL', DATETIME, '2024-02-29 12:00:00.5', '2024-02-29 12:00:00.500000'],
  ['timestamp NULL', DATETIME, '2500-01-01 00:00:00', null],
  ['json', { kind: 'json' }, '{"a": "\\"x\\""}', '{"a": "\\"x\\""}'],
  ['json', { kind: 'array', elementType: INT64 }, ['1', null], '[1,null]'],
  ['text', { kind: 'map', elementType: STRING }, { a: "it's" }, '{"a":"it\'s"}'],
];

describeMysql('a table of mysql', () => {
  it('keeps values of every kind in every sensible column, and refuses alone what does not fit', async () => {
    const test = await openMysql();
    const harness = harnessOf(test);
    for (const [index, [column, type, value, stored]] of CASES.entries()) {
      const table = `c${index}`;
      const label = `${type.kind} ${JSON.stringify(value)} in ${column}`;
      await test.execute(`CREATE TABLE ${table} (id integer PRIMARY KEY, v ${column})`);
      const columns: Record<string, Type> = { id: { kind: 'int', bitSize: 32 }, v: type };
      const outcome = await exportRows(harness, table, {
        columns,
        rows: [
          [1, value],
          [2, null],
        ],
      });
      expect(
        outcome.refused.map(({ sequence }) => sequence),
        `${label}: ${outcome.refused[0]?.message}`,
      ).toEqual(stored === null ? [0] : []);
      const shown = column.startsWith('varbinary')
        ? 'HEX(v)'
        : column.startsWith('bit')
          ? 'CAST(v + 0 AS CHAR)'
          : 'CAST(v AS CHAR)';
      const rows = await test.execute(`SET time_zone = '+00:00'; SELECT id, ${shown} AS v FROM ${table} ORDER BY id`);
      const [, selected] = rows as unknown as [unknown, Record<string, unknown>[]];
      expect(selected.find(({ id }) => id === 1)?.v ?? null, label).toEqual(stored);
      expect(selected.at(-1), label).toEqual({ id: 2, v: null });
    }
    await test.drop();
  }, 60_000);

  it('is refused when its engine has no transactions', async () => {
    const test = await openMysql();
    await test.execute('CREATE TABLE t (id integer PRIMARY KEY) ENGINE = MyISAM');
    await expect(mysql.tableSchema(test.settings, 't', unhurried())).rejects.toMatchObject({
      code: 'DestinationRefused',
      message: expect.stringContaining('MyISAM'),
    });
    await test.drop();
  });

  it('takes rows that are large, and refuses alone those that the server does not take at once', async () => {
    const test = await openMysql();
    await test.execute('CREATE TABLE t (id integer PRIMARY KEY, name longtext)');
    const rows = [
      [1, 'x'.repeat(3_000_000)],
      [2, 'é'.repeat(9_000_000)],
      [3, 'y'.repeat(3_000_000)],
    ];
    const outcome = await exportRows(harnessOf(test), 't', { rows });
    expect(outcome).toMatchObject({
      written: 2,
      refused: [{ sequence: 1, message: expect.stringContaining('max_allowed_packet') }],
    });
    await test.drop();
  });

  it.each(['varchar(9)', 'char(9)', 'varchar(9) CHARACTER SET latin1'])(
    'tells rows apart whose keys are the same to a %s',
    async (type) => {
      const test = await openMysql();
      await test.execute(`CREATE TABLE k (id ${type} PRIMARY KEY, name text)`);
      await test.execute("INSERT INTO k VALUES ('Änna', 'kept'), ('Berta', 'old')");
      const string = { kind: 'string' } as const;
      const writer = await openTable(harnessOf(test), 'k', { columns: { id: string, name: string } });
      await writer.stage(
        [
          ['änna', 'second'],
          ['Berta', 'new'],
          ['Cärla ', 'third'],
        ],
        0,
      );
      expect(await writeAll(writer)).toMatchObject({ written: 2, refused: [{ sequence: 0 }] });
      const removed: number[] = [];
      for await (const count of writer.remove(['änna', 'BERTA', 'Cärla '])) removed.push(count);
      expect(removed).toEqual([1]);
      await writer.close();
      expect(await test.execute('SELECT * FROM k ORDER BY name')).toEqual([
        { id: 'Änna', name: 'kept' },
        { id: 'Berta', name: 'new' },
      ]);
      await test.drop();
    },
  );

  it('tells attempts apart whatever the numbers of their runs', async () => {
    const test = await openMysql();
    await test.execute('CREATE TABLE t (id integer PRIMARY KEY, name text)');
    const harness = harnessOf(test);
    const big = await openTable(harness, 't', { run: Number.MAX_SAFE_INTEGER, epoch: 3 });
    await expect(openTable(harness, 't', { run: Number.MAX_SAFE_INTEGER, epoch: 2 })).rejects.toBeInstanceOf(
      FenceLostError,
    );
    await expect(openTable(harness, 't', { run: 2 ** 40, epoch: 2 ** 30 })).rejects.toBeInstanceOf(FenceLostError);
    const later = await openTable(harness, 't', { run: Number.MAX_SAFE_INTEGER, epoch: 4 });
    await Promise.all([big.close(), later.close()]);
    await test.drop();
  });
});
