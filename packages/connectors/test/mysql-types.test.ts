import type { RawField, SourceColumn } from '@penstock/engine';
import { type Type, type Value, ValueFailure } from '@penstock/language';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeMysql, type MysqlTest, openMysql } from './open-mysql.js';
import { readAll, unhurried } from './read-source.js';

const text = { kind: 'string' } as const;
const varchar = (maxLength: number) => ({ kind: 'string', maxLength }) as const;
const int = (bitSize: 8 | 16 | 24 | 32 | 64) => ({ kind: 'int', bitSize }) as const;
const uint = (bitSize: 8 | 16 | 24 | 32 | 64) => ({ kind: 'int', bitSize, unsigned: true }) as const;
const float = (bitSize: 32 | 64) => ({ kind: 'float', bitSize }) as const;
const decimal = (precision: number, scale?: number) =>
  ({ kind: 'decimal', precision, ...(scale && { scale }) }) as const;
const simple = (kind: 'boolean' | 'date' | 'time' | 'datetime' | 'year' | 'uuid' | 'ip' | 'json') =>
  ({ kind }) as const;

const nines = (count: number) => '9'.repeat(count);

/** What a column of a type holds, as SQL, and what it is outside. */
const COLUMNS: [column: string, value: string, type: Type, value: Value][] = [
  ['tinyint', '-128', int(8), -128],
  ['tinyint(1)', '1', int(8), 1],
  ['boolean', 'TRUE', int(8), 1],
  ['tinyint unsigned', '255', uint(8), 255],
  ['smallint', '-32768', int(16), -32768],
  ['smallint unsigned', '65535', uint(16), 65535],
  ['mediumint', '-8388608', int(24), -8388608],
  ['mediumint unsigned', '16777215', uint(24), 16777215],
  ['int', '-2147483648', int(32), -2147483648],
  ['int unsigned', '4294967295', uint(32), 4294967295],
  ['int(5) unsigned zerofill', '42', uint(32), 42],
  ['bigint', '-9223372036854775808', int(64), '-9223372036854775808'],
  ['bigint', '9223372036854775807', int(64), '9223372036854775807'],
  ['bigint', '-1', int(64), '-1'],
  ['bigint', '-9007199254740993', int(64), '-9007199254740993'],
  ['bigint', '9007199254740991', int(64), '9007199254740991'],
  ['bigint', '9007199254740993', int(64), '9007199254740993'],
  ['bigint(20) zerofill', '7', uint(64), '7'],
  ['bigint unsigned', '18446744073709551615', uint(64), '18446744073709551615'],
  ['bigint unsigned', '9007199254740993', uint(64), '9007199254740993'],
  ['float', '16777213', float(32), 16777213],
  ['float', '0.1', float(32), Math.fround(0.1)],
  ['float', '123456.79', float(32), Math.fround(123456.79)],
  ['double', '1.7976931348623157e308', float(64), Number.MAX_VALUE],
  ['double', '0.1e0 + 0.2e0', float(64), 0.1 + 0.2],
  ['double', '-2.2250738585072014e-308', float(64), -2.2250738585072014e-308],
  ['decimal(12,2)', '1.5', decimal(12, 2), '1.50'],
  ['decimal(12,2)', '-1.5', decimal(12, 2), '-1.50'],
  ['decimal(12,2) unsigned zerofill', '1.5', decimal(12, 2), '1.50'],
  ['decimal(5) unsigned zerofill', '0', decimal(5), '0'],
  ['decimal(5)', '-12345', decimal(5), '-12345'],
  ['decimal(3,3)', '-0.999', decimal(3, 3), '-0.999'],
  ['decimal(65)', nines(65), decimal(65), nines(65)],
  ['decimal(65,30)', `-${nines(35)}.${nines(30)}`, decimal(65, 30), `-${nines(35)}.${nines(30)}`],
  ['decimal(65,30) unsigned', `${nines(35)}.${nines(30)}`, decimal(65, 30), `${nines(35)}.${nines(30)}`],
  ['bit(1)', "b'1'", simple('boolean'), true],
  ['bit(1)', "b'0'", simple('boolean'), false],
  ['bit(2)', "b'10'", uint(64), '2'],
  ['bit(64)', 'CONV("ffffffffffffffff", 16, 10)', uint(64), '18446744073709551615'],
  ['char(4)', "'ab  '", varchar(4), 'ab'],
  ['varchar(10)', "'ab  '", varchar(10), 'ab  '],
  ['varchar(10) character set latin1', "'é'", varchar(10), 'é'],
  ['varchar(16000)', "REPEAT('日', 16000)", varchar(16000), '日'.repeat(16000)],
  ['varchar(300)', "REPEAT('x', 300)", varchar(300), 'x'.repeat(300)],
  // The bound of a type is at least 1.
  ['char(0)', "''", text, ''],
  ['varchar(0)', "''", text, ''],
  ['tinytext', "'é'", text, 'é'],
  ['text', "''", text, ''],
  ['mediumtext', "REPEAT('y', 70000)", text, 'y'.repeat(70_000)],
  ['longtext', "'👩‍👩‍👧'", text, '👩‍👩‍👧'],
  ['text character set latin1', "'ÿ'", text, 'ÿ'],
  ['text character set utf16', "'日本'", text, '日本'],
  ['text', "'\ufffd'", text, '\ufffd'],
  ["enum('free','pro plan')", "'pro plan'", text, 'pro plan'],
  ["set('a','b','c d')", "'c d,a'", text, 'a,c d'],
  ['binary(4)', "x'00ff'", text, '\\x00ff0000'],
  ['varbinary(10)', "x'5c00ff'", text, '\\x5c00ff'],
  ['blob', "x'deadbeef'", text, '\\xdeadbeef'],
  ['longblob', "''", text, '\\x'],
  ['date', "'0001-01-01'", simple('date'), '0001-01-01'],
  ['date', "'9999-12-31'", simple('date'), '9999-12-31'],
  ['date', "'2024-02-29'", simple('date'), '2024-02-29'],
  ['datetime', "'2026-03-29 02:30:00'", simple('datetime'), '2026-03-29 02:30:00'],
  ['datetime', "'2026-03-29'", simple('datetime'), '2026-03-29 00:00:00'],
  ['datetime(3)', "'2026-01-01 10:00:00.120'", simple('datetime'), '2026-01-01 10:00:00.12'],
  ['datetime(6)', "'9999-12-31 23:59:59.999999'", simple('datetime'), '9999-12-31 23:59:59.999999'],
  ['datetime(6)', "'0001-01-01 00:00:00.000001'", simple('datetime'), '0001-01-01 00:00:00.000001'],
  ['datetime(6)', "'2026-01-01 10:00:00'", simple('datetime'), '2026-01-01 10:00:00'],
  ['timestamp null', "'1970-01-01 00:00:01'", simple('datetime'), '1970-01-01 00:00:01'],
  ['timestamp(6) null', "'2038-01-19 03:14:07.999999'", simple('datetime'), '2038-01-19 03:14:07.999999'],
  ['time', "'00:00:00'", simple('time'), '00:00:00'],
  ['time', "'09:05:01'", simple('time'), '09:05:01'],
  ['time(6)', "'23:59:59.999999'", simple('time'), '23:59:59.999999'],
  ['time(3)', "'10:00:00.500'", simple('time'), '10:00:00.5'],
  ['year', '1901', simple('year'), 1901],
  ['year', '2155', simple('year'), 2155],
];

/** Only MariaDB has these, or has them under these names. */
const MARIADB_COLUMNS: typeof COLUMNS = [
  ['json', `'{"b": 1,  "a": "\\\\n"}'`, simple('json'), '{"b": 1,  "a": "\\n"}'],
  ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", simple('uuid'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['inet4', "'192.168.0.1'", simple('ip'), '192.168.0.1'],
  ['inet6', "'2001:DB8:0:0:0:0:0:1'", simple('ip'), '2001:db8::1'],
  ['inet6', "'::ffff:1.2.3.4'", simple('ip'), '::ffff:1.2.3.4'],
  ['inet6', "'::1.2.3.4'", simple('ip'), '::102:304'],
  ['inet6', "'::'", simple('ip'), '::'],
];

const EXPRESSIONS: [expression: string, type: Type, value: Value][] = [
  ["'a'", text, 'a'],
  ["CONCAT('a', 'é')", text, 'aé'],
  ['1', int(32), 1],
  ['1.50', decimal(3, 2), '1.50'],
  ['-1.50', decimal(3, 2), '-1.50'],
  ['CAST(0.00 AS DECIMAL(5,2)) * -1', decimal(6, 2), '0.00'],
  ['COUNT(*)', int(64), '1'],
  ['SUM(1.25)', decimal(25, 2), '1.25'],
  ["UNHEX('00ff')", text, '\\x00ff'],
  ["JSON_EXTRACT('[1, {\"a\": 2}]', '$[1]')", simple('json'), '{"a": 2}'],
  ['CAST(1 AS UNSIGNED)', uint(32), 1],
  ["STR_TO_DATE('2026-01-02', '%Y-%m-%d')", simple('date'), '2026-01-02'],
];

const FAILURES: [column: string, value: string, message: string][] = [
  ['date', "'2026-00-01'", 'date of property "v" has no month or no day'],
  ['date', "'2026-01-00'", 'date of property "v" has no month or no day'],
  ['datetime', "'2026-00-00 10:00:00'", 'date of property "v" has no month or no day'],
  ['date', "'0000-01-01'", 'year of property "v" is not in range [1,9999]'],
  ['datetime(6)', "'0000-12-31 01:02:03.5'", 'year of property "v" is not in range [1,9999]'],
  ['date', "'2026-02-30'", 'date of property "v" is not a day of the calendar'],
  ['date', "'1900-02-29'", 'date of property "v" is not a day of the calendar'],
  ['time', "'24:00:00'", 'time of property "v" is not in range [00:00:00,23:59:59.999999]'],
  ['time', "'838:59:59'", 'time of property "v" is not in range [00:00:00,23:59:59.999999]'],
  ['time(6)', "'-00:00:00.000001'", 'time of property "v" is not in range [00:00:00,23:59:59.999999]'],
];

/** What MySQL writes where there is no value. */
const ABSENT: [column: string, value: string][] = [
  ['date', "'0000-00-00'"],
  ['datetime', "'0000-00-00 00:00:00'"],
  ['datetime(6)', "'0000-00-00 00:00:00'"],
  ['timestamp null', "'0000-00-00 00:00:00'"],
  ['year', '0000'],
];

describeMysql('mysql types', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
  });
  afterAll(() => test.drop());

  const read = async (query: string) => {
    const { columns, rows } = await readAll(test.source, query);
    return { type: columns[0]?.type, field: decoded(columns[0], rows[0]?.[0]) };
  };
  const stored = async (column: string, value: string) => {
    const lenient = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'";
    await test.execute(`${lenient}; DROP TABLE IF EXISTS t; CREATE TABLE t (n int, v ${column} NULL)`);
    await test.execute(`${lenient}; INSERT INTO t VALUES (1, ${value}), (2, NULL)`);
    expect((await readAll(test.source, 'SELECT v FROM t WHERE n = 2')).rows).toEqual([[null]]);
    return await read('SELECT v FROM t WHERE n = 1');
  };

  it.each(COLUMNS)('reads a column of type %s with %s', async (column, value, type, expected) => {
    expect(await stored(column, value)).toEqual({ type, field: expected });
  });

  it.each(MARIADB_COLUMNS)('reads a column of MariaDB of type %s with %s', async (column, value, type, expected) => {
    expect(await stored(column, value)).toEqual({ type, field: expected });
  });

  it.each(EXPRESSIONS)('reads the expression %s', async (expression, type, expected) => {
    expect(await read(`SELECT ${expression} AS v`)).toEqual({ type, field: expected });
  });

  it.each(FAILURES)('fails a %s with %s at InputValidation', async (column, value, message) => {
    const { field } = await stored(column, value);
    expect(field).toBeInstanceOf(ValueFailure);
    expect(field).toMatchObject({ step: 'InputValidation', message });
  });

  it.each(ABSENT)('takes a %s with %s for null', async (column, value) => {
    expect((await stored(column, value)).field).toBeNull();
  });

  it.each([
    ['with an escape that there is none of', '"\\x"', false],
    ['with a number without digits after its point', '1.', false],
    ['with a key twice', '{"a": 1, "a": 2}', false],
    ['with half of a surrogate pair', '"\\ud800"', false],
    ['with 1001 levels', `${'['.repeat(1_001)}${']'.repeat(1_001)}`, false],
    ['with a huge exponent', '1e5000000000', true],
    ['with an escape', '"\\u0078"', true],
    ['with an object', '{"a": [1.5e3, null]}', true],
  ])('reads a column of JSON of MariaDB %s', async (_, value, isJson) => {
    const lenient = 'SET SESSION check_constraint_checks = 0';
    await test.execute(`${lenient}; DROP TABLE IF EXISTS j; CREATE TABLE j (v json)`);
    await test.execute(`${lenient}; INSERT INTO j VALUES (?)`, [value]);
    const { type, field } = await read('SELECT v FROM j');
    expect(type).toEqual(simple('json'));
    const failure = new ValueFailure('InputValidation', 'InvalidJson', 'value of property "v" is not valid JSON');
    expect(field).toEqual(isJson ? value : failure);
  });

  it('leaves out decimals of more digits behind the point than a type has, and says why', async () => {
    const query = 'SELECT CAST(1 AS DECIMAL(65,37)) AS v, CAST(1 AS DECIMAL(65,38)) AS w, 1 AS z';
    const reader = await test.source(query).open(null, unhurried());
    expect(reader.columns.map(({ name }) => name)).toEqual(['v', 'z']);
    const rows = [];
    for await (const batch of reader.batches()) rows.push(...batch.rows);
    expect(rows).toEqual([[`1.${'0'.repeat(37)}`, 1]]);
    expect(Reflect.get(reader, 'issues')).toEqual([
      'column "w" has type "DECIMAL(65, 38)", which is not supported; cast it in the query, for example to CHAR',
    ]);
  });

  it('leaves out columns that it cannot read, says why, and reads the others', async () => {
    const query = `SELECT 1 AS a, POINT(1, 2) AS p, 2 AS b, NULL AS n, 3 AS \`é\`, 4 AS a, 'x' AS \`\`, 5 AS z`;
    const reader = await test.source(query).open(null, unhurried());
    expect(reader.columns.map(({ name }) => name)).toEqual(['a', 'b', 'z']);
    const rows = [];
    for await (const batch of reader.batches()) rows.push(...batch.rows);
    expect(rows).toEqual([[1, 2, 5]]);
    expect(Reflect.get(reader, 'issues')).toEqual([
      'column "p" has type "GEOMETRY", which is not supported; cast it in the query, for example to CHAR',
      'column "n" has type "NULL", which is not supported; cast it in the query, for example to CHAR',
      'column 5 has the name "é", which is not a valid property name; rename it with AS in the query',
      'column 6 has the name "a" of column 1; rename one of them with AS in the query',
      'column 7 has the name "", which is not a valid property name; rename it with AS in the query',
    ]);
  });

  it('reads a record of many columns, whatever of it is null', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const columns = names.map((name, index) => `IF(seq % ${index + 2} = 0, NULL, seq) AS ${name}`);
    const { rows } = await readAll(test.source, `SELECT ${columns.join(', ')} FROM seq_1_to_100`);
    const expected = Array.from({ length: 100 }, (_, row) =>
      names.map((_, column) => ((row + 1) % (column + 2) === 0 ? null : String(row + 1))),
    );
    expect(rows).toEqual(expected);
  });
});

function decoded(column: SourceColumn | undefined, field: RawField): RawField {
  return typeof field !== 'string' || column?.decode === undefined ? field : column.decode(field);
}
