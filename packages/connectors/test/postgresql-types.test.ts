import type { RawField, SourceColumn } from '@penstock/engine';
import { type Type, type Value, ValueFailure } from '@penstock/language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresql, type PostgresqlTest } from './open-postgresql.js';
import { readAll, unhurried } from './read-source.js';

const text = { kind: 'string' } as const;
const int = (bitSize: 16 | 32 | 64) => ({ kind: 'int', bitSize }) as const;
const float = (bitSize: 32 | 64) => ({ kind: 'float', bitSize }) as const;
const decimal = (precision: number, scale?: number) =>
  ({ kind: 'decimal', precision, ...(scale && { scale }) }) as const;
const simple = (kind: 'boolean' | 'date' | 'time' | 'datetime' | 'uuid' | 'ip' | 'json') => ({ kind }) as const;
const array = (elementType: Type) => ({ kind: 'array', elementType }) as const;

/** Settings of the database that would change how values are written, if sessions did not set them. */
const CONTRARY = [
  "TimeZone = 'Asia/Kolkata'",
  "DateStyle = 'German, DMY'",
  'extra_float_digits = -5',
  'bytea_output = escape',
  'standard_conforming_strings = off',
  'client_encoding = LATIN1',
];

const SETUP = `
CREATE TYPE plan AS ENUM ('free', 'pro plan');
CREATE DOMAIN email AS varchar(254) CHECK (VALUE LIKE '%@%');
CREATE DOMAIN work_email AS email;
CREATE DOMAIN tags AS text[];
CREATE TYPE address AS (street text);`;

const VALUES: [expression: string, type: Type, value: Value][] = [
  ['true', simple('boolean'), true],
  ['false', simple('boolean'), false],
  ['(-32768)::int2', int(16), -32768],
  ['2147483647', int(32), 2147483647],
  ['(-9223372036854775808)::int8', int(64), '-9223372036854775808'],
  ['0.1::float4', float(32), Math.fround(0.1)],
  ["'-Infinity'::float4", float(32), Number.NEGATIVE_INFINITY],
  ['0.1::float8 + 0.2::float8', float(64), 0.1 + 0.2],
  ['5e-324::float8', float(64), 5e-324],
  ["'NaN'::float8", float(64), Number.NaN],
  ['1.50::numeric(12,2)', decimal(12, 2), '1.50'],
  ['(-0.00)::numeric(5,2)', decimal(5, 2), '0.00'],
  ['12::numeric(5)', decimal(5), '12'],
  ['12345::numeric(3,-2)', decimal(5), '12300'],
  ['0.00123::numeric(3,5)', decimal(5, 5), '0.00123'],
  ['123456789012345678901234567890.5', decimal(76, 37), '123456789012345678901234567890.5'],
  [`${'9'.repeat(39)}.${'1'.repeat(37)}`, decimal(76, 37), `${'9'.repeat(39)}.${'1'.repeat(37)}`],
  [`1.${'0'.repeat(40)}`, decimal(76, 37), `1.${'0'.repeat(37)}`],
  ['1::numeric(100,50)', decimal(76, 37), `1.${'0'.repeat(37)}`],
  ["'a'::varchar(10)", { ...text, maxLength: 10 }, 'a'],
  ["'a'::varchar", text, 'a'],
  ["'ab'::char(4)", { ...text, maxLength: 4 }, 'ab  '],
  ["'a'", text, 'a'],
  ["'a\\tb \u00e9 \u65e5'", text, 'a\\tb \u00e9 \u65e5'],
  ['chr(233) || chr(26085)', text, 'é日'],
  ["'a'::name", text, 'a'],
  [`'x'::"char"`, text, 'x'],
  ["'<a/>'::xml", text, '<a/>'],
  ["'08:00:2b:01:02:03'::macaddr", text, '08:00:2b:01:02:03'],
  ["'10.0.0.0/8'::cidr", text, '10.0.0.0/8'],
  ["'\\x00ff5c'::bytea", text, '\\x00ff5c'],
  ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", simple('uuid'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ["'192.168.0.1'::inet", simple('ip'), '192.168.0.1'],
  ["'2001:DB8:0:0:0:0:0:1'::inet", simple('ip'), '2001:db8::1'],
  ["'::ffff:1.2.3.4'::inet", simple('ip'), '::ffff:1.2.3.4'],
  ["'::1.2.3.4'::inet", simple('ip'), '::102:304'],
  ["'::'::inet", simple('ip'), '::'],
  [`'{"b": 1,  "a\\n": 1.0}'::json`, simple('json'), '{"b": 1,  "a\\n": 1.0}'],
  [`'{"a": "\\\\"}'::jsonb`, simple('json'), '{"a": "\\\\"}'],
  ["'null'::jsonb", simple('json'), 'null'],
  ["'0001-01-01'::date", simple('date'), '0001-01-01'],
  ["'9999-12-31'::date", simple('date'), '9999-12-31'],
  ["'23:59:59.999999'::time", simple('time'), '23:59:59.999999'],
  ["'10:00:00.500'::time", simple('time'), '10:00:00.5'],
  ["'0001-01-01 00:00:00'::timestamp", simple('datetime'), '0001-01-01 00:00:00'],
  ["'9999-12-31 23:59:59.999999'::timestamp", simple('datetime'), '9999-12-31 23:59:59.999999'],
  ["'2026-03-29 02:30:00.120+02:30'::timestamptz", simple('datetime'), '2026-03-29 00:00:00.12'],
  ["'1890-01-01 00:00:00+00'::timestamptz", simple('datetime'), '1890-01-01 00:00:00'],
  ["'pro plan'::plan", text, 'pro plan'],
  ["'a@b'::email", { ...text, maxLength: 254 }, 'a@b'],
  ["'a@b'::work_email", { ...text, maxLength: 254 }, 'a@b'],
  ['ARRAY[1, NULL, 3]::int[]', array(int(32)), [1, null, 3]],
  ["'{}'::text[]", array(text), []],
  [`ARRAY['a,b', '"', '\\', '{', 'NULL', NULL, '', ' ']`, array(text), ['a,b', '"', '\\', '{', 'NULL', null, '', ' ']],
  ["'[0:1]={1,2}'::int8[]", array(int(64)), ['1', '2']],
  ["ARRAY['x']::varchar(5)[]", array({ ...text, maxLength: 5 }), ['x']],
  ['ARRAY[1.5]::numeric(3,1)[]', array(decimal(3, 1)), ['1.5']],
  ["ARRAY['2026-01-01 12:00:00+05:30'::timestamptz]", array(simple('datetime')), ['2026-01-01 06:30:00']],
  ['ARRAY[true, false]', array(simple('boolean')), [true, false]],
  [`ARRAY['{"a":"\\""}'::jsonb]`, array(simple('json')), ['{"a": "\\""}']],
  ["ARRAY['free', 'pro plan']::plan[]", array(text), ['free', 'pro plan']],
  ["ARRAY['a@b']::work_email[]", array({ ...text, maxLength: 254 }), ['a@b']],
  ["'{a,b}'::tags", array(text), ['a', 'b']],
];

const YEAR = 'year of property "v" is not in range [1,9999]';

const FAILURES: [expression: string, message: string][] = [
  ["'infinity'::date", YEAR],
  ["'-infinity'::date", YEAR],
  ["'0044-03-15 BC'::date", YEAR],
  ["'10000-01-01'::date", YEAR],
  ["'infinity'::timestamp", YEAR],
  ["'-infinity'::timestamp", YEAR],
  ["'0044-03-15 01:02:03.5 BC'::timestamp", YEAR],
  ["'10000-01-01 00:00:00'::timestamp", YEAR],
  ["'infinity'::timestamptz", YEAR],
  ["'-infinity'::timestamptz", YEAR],
  ["'0044-03-15 00:00:00+00 BC'::timestamptz", YEAR],
  ["'294276-01-01 00:00:00+00'::timestamptz", YEAR],
  ["'24:00:00'::time", 'time of property "v" is after 23:59:59.999999'],
  ["'NaN'::numeric(5,2)", 'number of property "v" is not finite'],
  ["'NaN'::numeric", 'number of property "v" is not finite'],
  ["'Infinity'::numeric", 'number of property "v" is not finite'],
  ["'-Infinity'::numeric", 'number of property "v" is not finite'],
  [`1${'0'.repeat(39)}::numeric`, 'number of property "v" has more than 39 digits before or 37 after the point'],
  [`-0.${'0'.repeat(37)}1::numeric`, 'number of property "v" has more than 39 digits before or 37 after the point'],
  ["'192.168.0.0/24'::inet", 'property "v" is an IP network, not the address of a host'],
  ['ARRAY[[1,2],[3,4]]', 'property "v" is an array of more than one dimension'],
  ["ARRAY['2026-01-01', 'infinity']::date[]", YEAR],
];

describe('postgresql types', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
    await test.execute(SETUP);
    const [{ name } = {}] = await test.execute('SELECT current_database() AS name');
    for (const setting of CONTRARY) await test.execute(`ALTER DATABASE ${name} SET ${setting}`);
  });
  afterAll(() => test.drop());

  it.each(VALUES)('reads %s', async (expression, type, value) => {
    const { columns, rows } = await readAll(test.source, `SELECT ${expression} AS v, NULL::text AS n`);
    expect(columns[0]?.type).toEqual(type);
    expect(decoded(columns[0], rows[0]?.[0])).toEqual(value);
  });

  it.each(FAILURES)('fails %s at InputValidation, by the name of the property', async (expression, message) => {
    const { columns, rows } = await readAll(test.source, `SELECT ${expression} AS v`);
    const value = decoded(columns[0], rows[0]?.[0]);
    expect(value).toBeInstanceOf(ValueFailure);
    expect(value).toMatchObject({ step: 'InputValidation', message });
  });

  it('leaves out columns that it cannot read, says why, and reads the others', async () => {
    const query = `SELECT 1 AS a, interval '1 day' AS i, 2 AS b, ROW('x')::address AS c, 3 AS "é", 4 AS a, '(1,2)'::point AS p,
      ARRAY[interval '1 day'] AS ia, int4range(1, 2) AS r, 5 AS z`;
    const reader = await test.source(query).open(null, unhurried());
    expect(reader.columns.map(({ name }) => name)).toEqual(['a', 'b', 'z']);
    const rows = [];
    for await (const batch of reader.batches()) rows.push(...batch.rows);
    expect(rows).toEqual([['1', '2', '5']]);
    expect(Reflect.get(reader, 'issues')).toEqual([
      'column "i" has type "interval", which is not supported; cast it in the query, for example to text',
      'column "c" has type "address", which is not supported; cast it in the query, for example to text',
      'column 5 has the name "é", which is not a valid property name; rename it with AS in the query',
      'column 6 has the name "a" of column 1; rename one of them with AS in the query',
      'column "p" has type "point", which is not supported; cast it in the query, for example to text',
      'column "ia" has type "interval[]", which is not supported; cast it in the query, for example to text',
      'column "r" has type "int4range", which is not supported; cast it in the query, for example to text',
    ]);
  });

  it('reads a query in its order when it leaves columns out', async () => {
    const query = "SELECT n, interval '1 s' AS i FROM generate_series(1, 30000) n ORDER BY n DESC";
    const { rows } = await readAll(test.source, query);
    expect(rows.every(([n], index) => n === String(30_000 - index))).toBe(true);
  });

  it('delivers records without fields when it can read no column', async () => {
    const { columns, rows } = await readAll(test.source, "SELECT interval '1 s' AS i FROM generate_series(1, 3)");
    expect({ columns, rows }).toEqual({ columns: [], rows: [[], [], []] });
  });
});

function decoded(column: SourceColumn | undefined, field: RawField): Value | ValueFailure {
  if (typeof field !== 'string') throw new Error('expected a field');
  return column?.decode === undefined ? field : column.decode(field);
}
