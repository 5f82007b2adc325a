import { describe, expect, test } from 'vitest';
import { compileConversion, type Type, typeText, type Value, ValueFailure } from '../src/index.js';

const TEXT: Type = { kind: 'string' };
const JSON_TYPE: Type = { kind: 'json' };
const int = (bitSize: 8 | 16 | 24 | 32 | 64, more: object = {}): Type => ({ kind: 'int', bitSize, ...more });
const float = (bitSize: 32 | 64, more: object = {}): Type => ({ kind: 'float', bitSize, ...more });
const decimal = (precision: number, scale: number, more: object = {}): Type => ({
  kind: 'decimal',
  precision,
  scale,
  ...more,
});
const simple = (kind: 'boolean' | 'datetime' | 'date' | 'time' | 'year' | 'uuid' | 'ip'): Type => ({ kind });

/** Code of a failure, so that tables show it beside the values. */
class Fails {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}
const fails = (code: string) => new Fails(code);

type Row = [from: Type, to: Type, value: Value, result: Value | Fails];

function run(from: Type, to: Type, value: Value, nullable = true): Value | Fails {
  const result = compileConversion(from, to, { expression: 'e', outPath: 'o', nullable })(value);
  return result instanceof ValueFailure ? fails(result.code) : result;
}

function check(title: string, rows: Row[]): void {
  describe(title, () => {
    test.each(rows.map((row) => [...row, `${typeText(row[0])} ${JSON.stringify(row[2])}`] as const))(
      '$4',
      (from, to, value, result) => expect(run(from, to, value)).toEqual(result),
    );
  });
}

check('to string', [
  [TEXT, TEXT, '', ''],
  [simple('boolean'), TEXT, true, 'true'],
  [simple('boolean'), TEXT, false, 'false'],
  [int(32), TEXT, -5, '-5'],
  [int(64), TEXT, '9223372036854775807', '9223372036854775807'],
  [float(64), TEXT, 7928301735.704827, '7.928301735704827e+09'],
  [float(64), TEXT, 1e6, '1e+06'],
  [float(64), TEXT, 999999.5, '999999.5'],
  [float(64), TEXT, 0.0001, '0.0001'],
  [float(64), TEXT, 0.00001, '1e-05'],
  [float(64), TEXT, -1.5e-100, '-1.5e-100'],
  [float(64), TEXT, Number.NaN, 'NaN'],
  [float(64), TEXT, -Infinity, '-Inf'],
  [float(32), TEXT, Math.fround(0.1), '0.1'],
  [float(32), TEXT, Math.fround(16777216), '1.6777216e+07'],
  [float(32), TEXT, Math.fround(1.0000001), '1.0000001'],
  [float(64), TEXT, -0, '-0'],
  [decimal(10, 2), TEXT, '1.50', '1.5'],
  [decimal(10, 2), TEXT, '100.00', '100'],
  [decimal(10, 0), TEXT, '100', '100'],
  [simple('datetime'), TEXT, '2024-01-02 10:20:30.5', '2024-01-02T10:20:30.5Z'],
  [simple('date'), TEXT, '2024-01-02', '2024-01-02'],
  [simple('time'), TEXT, '10:20:30.123', '10:20:30.123'],
  [simple('year'), TEXT, 2024, '2024'],
  [simple('uuid'), TEXT, 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
  [simple('ip'), TEXT, '::1', '::1'],
  [JSON_TYPE, TEXT, ' "a\\u00e9\\n" ', 'aé\n'],
  [JSON_TYPE, TEXT, '\r\n\t"a"\r', 'a'],
  [JSON_TYPE, TEXT, ' 1.50e3 ', '1.50e3'],
  [JSON_TYPE, TEXT, 'true', 'true'],
  [JSON_TYPE, TEXT, 'null', null],
  [JSON_TYPE, TEXT, '[]', fails('NotConvertible')],
  [JSON_TYPE, TEXT, '{"a":1}', fails('NotConvertible')],
]);

check('to a constrained string', [
  [TEXT, { kind: 'string', maxLength: 3 }, 'a\u{1f600}b', 'a\u{1f600}b'],
  [TEXT, { kind: 'string', maxLength: 3 }, 'abcd', fails('TooManyChars')],
  [TEXT, { kind: 'string', maxLength: 3 }, '\u{1f600}\u{1f600}\u{1f600}', '\u{1f600}\u{1f600}\u{1f600}'],
  [TEXT, { kind: 'string', maxLength: 3 }, '\u{1f600}\u{1f600}\u{1f600}\u{1f600}', fails('TooManyChars')],
  [TEXT, { kind: 'string', maxBytes: 4 }, 'éé', 'éé'],
  [TEXT, { kind: 'string', maxBytes: 4 }, 'abcd', 'abcd'],
  [TEXT, { kind: 'string', maxBytes: 1 }, '\u0080', fails('TooManyBytes')],
  [TEXT, { kind: 'string', maxBytes: 2 }, '\u07ff', '\u07ff'],
  [TEXT, { kind: 'string', maxBytes: 2 }, '\u0800', fails('TooManyBytes')],
  [TEXT, { kind: 'string', maxBytes: 3 }, 'a\udc00', fails('TooManyBytes')],
  [TEXT, { kind: 'string', maxLength: 1 }, '\udc00\udc00', fails('TooManyChars')],
  [TEXT, { kind: 'string', maxBytes: 2, maxLength: 1 }, 'éé', fails('TooManyBytes')],
  [TEXT, { kind: 'string', pattern: 'a', maxBytes: 2, maxLength: 2 }, 'bbb', fails('NoMatch')],
  [TEXT, { kind: 'string', maxBytes: 4 }, '\u{1f600}', '\u{1f600}'],
  [TEXT, { kind: 'string', maxBytes: 4 }, 'ééa', fails('TooManyBytes')],
  [TEXT, { kind: 'string', maxBytes: 4 }, '€€', fails('TooManyBytes')],
  [TEXT, { kind: 'string', values: ['a', 'b'] }, 'b', 'b'],
  [TEXT, { kind: 'string', values: ['a', 'b'] }, 'c', fails('NotAllowed')],
  [TEXT, { kind: 'string', values: ['A'] }, 'A', 'A'],
  [TEXT, { kind: 'string', values: ['A'] }, 'a', fails('NotAllowed')],
  [TEXT, { kind: 'string', values: ['a'] }, '', null],
  [TEXT, { kind: 'string', values: ['a', ''] }, '', ''],
  [TEXT, { kind: 'string', pattern: '^a+$' }, 'aa', 'aa'],
  [TEXT, { kind: 'string', pattern: '^a+$' }, 'ab', fails('NoMatch')],
  [TEXT, { kind: 'string', pattern: '^a+$' }, '', null],
  [TEXT, { kind: 'string', pattern: '^a*$' }, '', ''],
  [JSON_TYPE, { kind: 'string', values: ['a'] }, '""', null],
  [int(32), { kind: 'string', maxLength: 2 }, 100, fails('TooManyChars')],
  [int(64), { kind: 'string', maxLength: 2 }, '100', fails('TooManyChars')],
  [simple('boolean'), { kind: 'string', values: ['true'] }, false, fails('NotAllowed')],
]);

check('to boolean', [
  ...['true', 'True', 'TRUE', 'yes', 'Yes', 'YES'].map((text): Row => [TEXT, simple('boolean'), text, true]),
  ...['false', 'False', 'FALSE', 'no', 'No', 'NO'].map((text): Row => [TEXT, simple('boolean'), text, false]),
  ...['tRUE', '1', 'y', ' true'].map((text): Row => [TEXT, simple('boolean'), text, fails('NotConvertible')]),
  [TEXT, simple('boolean'), '', null],
  [int(8), simple('boolean'), 0, false],
  [int(8), simple('boolean'), -3, true],
  [JSON_TYPE, simple('boolean'), ' true', true],
  [JSON_TYPE, simple('boolean'), 'false', false],
  [JSON_TYPE, simple('boolean'), '"true"', fails('NotConvertible')],
  [JSON_TYPE, simple('boolean'), '1', fails('NotConvertible')],
]);

check('to int', [
  [TEXT, int(32), '12', 12],
  [TEXT, int(32), '+007', 7],
  [TEXT, int(32), '-0', 0],
  [TEXT, int(32), '', null],
  ...['1.0', ' 1', '1 ', '1e3', '0x1', 'a', '-', '+', '1_000', '١'].map(
    (text): Row => [TEXT, int(32), text, fails('NotConvertible')],
  ),
  [TEXT, int(8), '-128', -128],
  [TEXT, int(8), '128', fails('NumberOutOfRange')],
  [TEXT, int(24), '8388607', 8388607],
  [TEXT, int(24), '8388608', fails('NumberOutOfRange')],
  [TEXT, int(32, { unsigned: true }), '4294967295', 4294967295],
  [TEXT, int(32, { unsigned: true }), '4294967296', fails('NumberOutOfRange')],
  [TEXT, int(32, { unsigned: true }), '-1', fails('NumberOutOfRange')],
  [TEXT, int(32), '9'.repeat(400), fails('NumberOutOfRange')],
  [TEXT, int(64), '9223372036854775807', '9223372036854775807'],
  [TEXT, int(64), '9223372036854775808', fails('NumberOutOfRange')],
  [TEXT, int(64), '-9223372036854775808', '-9223372036854775808'],
  [TEXT, int(64), '-9223372036854775809', fails('NumberOutOfRange')],
  [TEXT, int(64), '-000', '0'],
  [TEXT, int(64), '+0012', '12'],
  [TEXT, int(64), '99', '99'],
  [TEXT, int(64), '-0012', '-12'],
  [TEXT, int(64), '--1', fails('NotConvertible')],
  [TEXT, int(64, { unsigned: true }), '18446744073709551615', '18446744073709551615'],
  [TEXT, int(64, { unsigned: true }), '18446744073709551616', fails('NumberOutOfRange')],
  [TEXT, int(64, { unsigned: true }), '-0', '0'],
  [TEXT, int(64, { minimum: 5 }), '4', fails('TooSmall')],
  [TEXT, int(64, { maximum: 9007199254740991 }), '9007199254740992', fails('TooLarge')],
  [TEXT, int(8, { minimum: 5, maximum: 7 }), '4', fails('TooSmall')],
  [TEXT, int(8, { minimum: 5, maximum: 7 }), '5', 5],
  [TEXT, int(8, { minimum: 5, maximum: 7 }), '7', 7],
  [TEXT, int(8, { minimum: 5, maximum: 7 }), '8', fails('TooLarge')],
  [TEXT, int(8, { maximum: 7 }), '8', fails('TooLarge')],
  [simple('boolean'), int(8), true, 1],
  [simple('boolean'), int(8), false, 0],
  [simple('boolean'), int(8, { minimum: 1 }), false, fails('TooSmall')],
  [int(64), int(32), '12', 12],
  [int(64), int(32), '2147483648', fails('NumberOutOfRange')],
  [int(32), int(64), 12, '12'],
  [int(32), int(64, { unsigned: true }), -12, fails('NumberOutOfRange')],
  [float(64), int(32), 2.5, 3],
  [float(64), int(32), -2.5, -3],
  [float(64), int(32), -0.4, 0],
  [float(64), int(32), -0, 0],
  [float(64), int(32), 0.49999999999999994, 0],
  [float(64), int(32), Number.NaN, fails('NumberOutOfRange')],
  [float(64), int(32), Infinity, fails('NumberOutOfRange')],
  [float(64), int(32), 2147483647.5, fails('NumberOutOfRange')],
  [float(64), int(64), -(2 ** 63), '-9223372036854775808'],
  [float(64), int(64), 2 ** 63, fails('NumberOutOfRange')],
  [float(64), int(64), 2 ** 63 - 1024, '9223372036854774784'],
  [float(64), int(64, { unsigned: true }), 2 ** 64 - 2048, '18446744073709549568'],
  [float(64), int(64, { unsigned: true }), -1, fails('NumberOutOfRange')],
  [float(64), int(64, { unsigned: true }), 0.4, '0'],
  [float(64), int(8, { unsigned: true }), 0, 0],
  [decimal(10, 2), int(32), '12.00', 12],
  [decimal(10, 2), int(32), '12.50', fails('NumberOutOfRange')],
  [decimal(30, 0), int(64), '9223372036854775808', fails('NumberOutOfRange')],
  [simple('year'), int(16), 2024, 2024],
  [simple('year'), int(64), 2024, '2024'],
  [simple('year'), int(8), 2024, fails('NumberOutOfRange')],
  [JSON_TYPE, int(32), ' 12.0 ', 12],
  [JSON_TYPE, int(32), '\r\n\t12\r', 12],
  [JSON_TYPE, int(32), '-0', 0],
  [JSON_TYPE, int(32), '12.00', fails('NumberOutOfRange')],
  [JSON_TYPE, int(32), '1e3', fails('NumberOutOfRange')],
  [JSON_TYPE, int(32), '"12"', fails('NotConvertible')],
  [JSON_TYPE, int(64), '9007199254740993', '9007199254740993'],
  [JSON_TYPE, int(32), 'null', null],
]);

check('to float', [
  [TEXT, float(64), '1.5e3', 1500],
  [TEXT, float(64), '.5', 0.5],
  [TEXT, float(64), '5.', 5],
  [TEXT, float(64), '+1', 1],
  [TEXT, float(64), 'nan', Number.NaN],
  [TEXT, float(64), '-Infinity', -Infinity],
  [TEXT, float(64), 'INF', Infinity],
  [TEXT, float(64), '0x1.8p3', 12],
  [TEXT, float(64), '-0X.8p-1', -0.25],
  [TEXT, float(64), '0x1p-1074', 5e-324],
  [TEXT, float(64), '0x1p99999', fails('NumberOutOfRange')],
  [TEXT, float(64), `0x${'0'.repeat(256)}1p0`, fails('NotConvertible')],
  ...['', ' '].slice(1).map((text): Row => [TEXT, float(64), text, fails('NotConvertible')]),
  ...['.', 'e5', '1 ', '0x1', '0xp1', '+nan', '1_0'].map(
    (text): Row => [TEXT, float(64), text, fails('NotConvertible')],
  ),
  [TEXT, float(64), '1e400', fails('NumberOutOfRange')],
  [TEXT, float(64), '1e-400', 0],
  [TEXT, float(64, { real: true }), 'NaN', fails('NumberOutOfRange')],
  [TEXT, float(32), '0.1', Math.fround(0.1)],
  [TEXT, float(32), '1e39', fails('NumberOutOfRange')],
  [float(64), float(32), 1e300, fails('NumberOutOfRange')],
  [float(64), float(32), Infinity, Infinity],
  [float(64), float(64, { real: true }), -Infinity, fails('NumberOutOfRange')],
  [float(64), float(64, { minimum: 0, maximum: 1 }), -0.1, fails('TooSmall')],
  [float(64), float(64, { minimum: 0, maximum: 1 }), 1.1, fails('TooLarge')],
  [float(64), float(64, { maximum: 1 }), Number.NaN, fails('TooLarge')],
  [int(32), float(32), 16777217, 16777216],
  [int(64), float(64), '9007199254740993', 9007199254740992],
  [decimal(5, 2), float(64), '1.10', 1.1],
  [JSON_TYPE, float(64), '1.5', 1.5],
  [JSON_TYPE, float(64), '1e999', fails('NumberOutOfRange')],
  [JSON_TYPE, float(64), '"1"', fails('NotConvertible')],
]);

check('to decimal', [
  [TEXT, decimal(5, 2), '1.5', '1.5'],
  [TEXT, decimal(5, 2), '1.50', '1.50'],
  [TEXT, decimal(5, 2), '1.500', '1.5'],
  [TEXT, decimal(5, 2), '1.501', fails('NumberOutOfRange')],
  [TEXT, decimal(5, 2), '999.99', '999.99'],
  [TEXT, decimal(5, 2), '1000', fails('NumberOutOfRange')],
  [TEXT, decimal(5, 2), '-0', '0'],
  [TEXT, decimal(5, 2), '-0.00', '0.00'],
  [TEXT, decimal(5, 2), '-0.05', '-0.05'],
  [TEXT, decimal(5, 2), '.5', '0.5'],
  [TEXT, decimal(5, 2), '5.', '5'],
  [TEXT, decimal(5, 2), '+5', '5'],
  [TEXT, decimal(5, 2), '15e-1', '1.5'],
  [TEXT, decimal(5, 2), '0.0015e3', '1.5'],
  [TEXT, decimal(5, 2), '1e999999999', fails('NotConvertible')],
  [TEXT, decimal(5, 2), '0e999999999', '0'],
  [TEXT, decimal(5, 2), '0.0e-9', '0'],
  [TEXT, decimal(2, 2), '0.99', '0.99'],
  [TEXT, decimal(2, 2), '1', fails('NumberOutOfRange')],
  [TEXT, decimal(40, 0), '1'.repeat(40), '1'.repeat(40)],
  [TEXT, decimal(76, 0), '1e75', `1${'0'.repeat(75)}`],
  ...['01', '-', '.', '1,5', ' 1', '0x1', '1e', 'e1', '--1', '1.2.3', '00'].map(
    (text): Row => [TEXT, decimal(5, 2), text, fails('NotConvertible')],
  ),
  [int(32), decimal(5, 2), 123, '123'],
  [int(32), decimal(5, 2), 1234, fails('NumberOutOfRange')],
  [int(64), decimal(20, 0), '9223372036854775807', '9223372036854775807'],
  [float(64), decimal(5, 2), 0.125, '0.12'],
  [float(64), decimal(5, 2), 0.375, '0.38'],
  [float(64), decimal(5, 2), 1.005, '1.00'],
  [float(64), decimal(5, 2), -0.001, '0.00'],
  [float(64), decimal(5, 2), -0, '0'],
  [float(64), decimal(5, 2), 5e-324, '0.00'],
  [float(64), decimal(5, 2), 999.999, fails('NumberOutOfRange')],
  [float(64), decimal(5, 2), Number.NaN, fails('NumberOutOfRange')],
  [float(64), decimal(30, 0), 1e22, '10000000000000000000000'],
  [float(64), decimal(5, 0), -2.5, '-2'],
  [float(64), { kind: 'decimal', precision: 5 }, 2.5, '2'],
  [decimal(10, 4), decimal(5, 2), '1.2500', '1.25'],
  [decimal(10, 4), decimal(5, 2), '1.2345', fails('NumberOutOfRange')],
  [decimal(10, 2), decimal(10, 2, { minimum: '-1.5', maximum: '10' }), '-1.50', '-1.50'],
  [decimal(10, 2), decimal(10, 2, { minimum: '-1.5', maximum: '10' }), '-1.51', fails('TooSmall')],
  [decimal(10, 2), decimal(10, 2, { minimum: '-1.5', maximum: '10' }), '10.01', fails('TooLarge')],
  [decimal(10, 2), decimal(10, 2, { minimum: '-1.5', maximum: '10' }), '10.00', '10.00'],
  [decimal(10, 2), decimal(10, 2, { maximum: '1.5' }), '1.50', '1.50'],
  [decimal(10, 2), decimal(10, 2, { minimum: '-1.5', maximum: '10' }), '9.99', '9.99'],
  [JSON_TYPE, decimal(5, 2), '1.50', '1.50'],
  [JSON_TYPE, decimal(5, 2), '1E1', '10'],
  [JSON_TYPE, decimal(5, 2), '"1.5"', fails('NotConvertible')],
]);

check('to datetime', [
  [TEXT, simple('datetime'), '2024-02-29T10:20:30Z', '2024-02-29 10:20:30'],
  [TEXT, simple('datetime'), '2024-02-29T10:20:30.1200Z', '2024-02-29 10:20:30.12'],
  [TEXT, simple('datetime'), '2024-02-29T10:20:30.000Z', '2024-02-29 10:20:30'],
  [TEXT, simple('datetime'), '2024-02-29T10:20:30.1234567899Z', '2024-02-29 10:20:30.123456789'],
  [TEXT, simple('datetime'), '2024-03-01T00:30:00.5+01:00', '2024-02-29 23:30:00.5'],
  [TEXT, simple('datetime'), '2023-12-31T23:30:00-01:30', '2024-01-01 01:00:00'],
  [TEXT, simple('datetime'), '2024-02-29T10:20:30-00:00', '2024-02-29 10:20:30'],
  [TEXT, simple('datetime'), '0001-01-01T00:00:00+00:01', fails('YearOutOfRange')],
  [TEXT, simple('datetime'), '9999-12-31T23:59:59-00:01', fails('YearOutOfRange')],
  [TEXT, simple('datetime'), '0000-01-01T00:00:00Z', fails('YearOutOfRange')],
  [TEXT, simple('datetime'), '', null],
  ...[
    '2024-02-29',
    '2024-02-29T10:20:30',
    '2024-02-29 10:20:30Z',
    '2024-02-29t10:20:30z',
    '2024-02-30T10:20:30Z',
    '2023-02-29T10:20:30Z',
    '2024-00-10T10:20:30Z',
    '2024-13-10T10:20:30Z',
    '2024-02-00T10:20:30Z',
    '2024-02-1:T10:20:30Z',
    '2024-02-1/T10:20:30Z',
    '2024-02-29Txx:20:30Z',
    '2024-02-29T10:xx:30Z',
    '2024-02-29T10:20:xxZ',
    '2024-02-29T24:00:00Z',
    '2024-02-29T10:60:00Z',
    '2024-02-29T10:20:60Z',
    '2024-02-29T10:20:30.Z',
    '2024-02-29T10:20:30Zx',
    '2024-02-29T10:20:30+0100',
    '2024-02-29T10:20:30+24:00',
    '2024-02-29T10:20:30+01:60',
    '2024-02-29T10:20:30+01:00x',
    '2024-02-29T10:20:30+01x00',
    '2024-02-29T10:20:30+xx:00',
    '2024-02-29T10:20:30+01:xx',
    '2024-02-29T10:20Z',
    '1709202030',
  ].map((text): Row => [TEXT, simple('datetime'), text, fails('NotDatetime')]),
  [simple('date'), simple('datetime'), '2024-02-29', '2024-02-29 00:00:00'],
  [JSON_TYPE, simple('datetime'), '"2024-02-29T10:20:30Z"', '2024-02-29 10:20:30'],
  [JSON_TYPE, simple('datetime'), '"2024-02-29 10:20"', '2024-02-29 10:20:00'],
  [JSON_TYPE, simple('datetime'), '"2024"', '2024-01-01 00:00:00'],
  [JSON_TYPE, simple('datetime'), '"2024-03"', '2024-03-01 00:00:00'],
  [JSON_TYPE, simple('datetime'), '"2024-1-2"', '2024-01-02 00:00:00'],
  [JSON_TYPE, simple('datetime'), '"2024-366"', '2024-12-31 00:00:00'],
  [JSON_TYPE, simple('datetime'), '"2023-366"', fails('NotDatetime')],
  [JSON_TYPE, simple('datetime'), '"+2024-02-29T10+02"', '2024-02-29 08:00:00'],
  [JSON_TYPE, simple('datetime'), '"2024-02-29T10:20:30.120-0130"', '2024-02-29 11:50:30.12'],
  [JSON_TYPE, simple('datetime'), '"2024-02-29T10:20:30-00:00"', fails('NotDatetime')],
  [JSON_TYPE, simple('datetime'), '"2024-02-29T10:20:30+01:60"', fails('NotDatetime')],
  [JSON_TYPE, simple('datetime'), '"2024-02-29T10:20:30+24:00"', fails('NotDatetime')],
  [JSON_TYPE, simple('datetime'), '"0000-05-05"', fails('YearOutOfRange')],
  [JSON_TYPE, simple('datetime'), '""', null],
  [JSON_TYPE, simple('datetime'), '1709202030', fails('NotDatetime')],
]);

check('to date', [
  [TEXT, simple('date'), '2024-02-29', '2024-02-29'],
  [TEXT, simple('date'), '2000-02-29', '2000-02-29'],
  [TEXT, simple('date'), '1900-02-29', fails('NotDate')],
  [TEXT, simple('date'), '02/29/2024', '2024-02-29'],
  [TEXT, simple('date'), '02.29.2024', '2024-02-29'],
  [TEXT, simple('date'), '100', '1900-04-09'],
  [TEXT, simple('date'), '059', '1900-02-28'],
  [TEXT, simple('date'), '060', fails('NotDate')],
  [TEXT, simple('date'), '061', '1900-03-01'],
  [TEXT, simple('date'), '1.5', '1900-01-01'],
  [TEXT, simple('date'), '45351', '2024-02-29'],
  [TEXT, simple('date'), '36585', '2000-02-29'],
  [TEXT, simple('date'), '45351.999', '2024-02-29'],
  [TEXT, simple('date'), '99999999999', fails('YearOutOfRange')],
  [TEXT, simple('date'), '0000-01-01', fails('YearOutOfRange')],
  [TEXT, simple('date'), '01/01/0000', fails('YearOutOfRange')],
  ...[
    '24-02-29',
    '02/29/24',
    '2024-02-30',
    '29/02/2024',
    '2024-02-00',
    '02/29.2024',
    '12',
    '2024-2-9',
    '45351.',
    '20:4-02-09',
    '20240229',
    '2024-02-29T10:00:00Z',
    '1.',
  ].map((text): Row => [TEXT, simple('date'), text, fails('NotDate')]),
  [simple('datetime'), simple('date'), '2024-02-29 10:20:30.5', '2024-02-29'],
  [JSON_TYPE, simple('date'), '"2024-02-29"', '2024-02-29'],
  [JSON_TYPE, simple('date'), '"02/29/2024"', fails('NotDate')],
  [JSON_TYPE, simple('date'), '45351', fails('NotDate')],
]);

check('to time', [
  [TEXT, simple('time'), '10:20:30', '10:20:30'],
  [TEXT, simple('time'), '10:20:30.120', '10:20:30.12'],
  [TEXT, simple('time'), '10:20:30.1234567899', '10:20:30.123456789'],
  [TEXT, simple('time'), '10:20:30.000', '10:20:30'],
  [TEXT, simple('time'), '10:20:30+02:00', '10:20:30'],
  [TEXT, simple('time'), '10:20:30.', '10:20:30'],
  ...['10:20', '24:00:00', '10:60:00', '1:20:30', 'x'].map(
    (text): Row => [TEXT, simple('time'), text, fails('NotTime')],
  ),
  [simple('datetime'), simple('time'), '2024-02-29 10:20:30.5', '10:20:30.5'],
  [JSON_TYPE, simple('time'), '"10:20:30"', '10:20:30'],
]);

check('to year', [
  [TEXT, simple('year'), '2024', 2024],
  [TEXT, simple('year'), '7', 7],
  ...['0', '024', '+1', '10000', 'x', '2024 '].map(
    (text): Row => [TEXT, simple('year'), text, fails('NotConvertible')],
  ),
  [int(32), simple('year'), 9999, 9999],
  [int(32), simple('year'), 0, fails('YearOutOfRange')],
  [int(64), simple('year'), '10000', fails('YearOutOfRange')],
  [JSON_TYPE, simple('year'), ' 2024', 2024],
  [JSON_TYPE, simple('year'), '2024.0', fails('NotConvertible')],
  [JSON_TYPE, simple('year'), '10000', fails('YearOutOfRange')],
  [JSON_TYPE, simple('year'), '"2024"', fails('NotConvertible')],
]);

const UUID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
check('to uuid', [
  [TEXT, simple('uuid'), UUID.toUpperCase(), UUID],
  [TEXT, simple('uuid'), `{${UUID}}`, UUID],
  [TEXT, simple('uuid'), `urn:uuid:${UUID}`, UUID],
  [TEXT, simple('uuid'), `URN:UUID:${UUID}`, UUID],
  [TEXT, simple('uuid'), UUID.replaceAll('-', ''), UUID],
  [TEXT, simple('uuid'), `${UUID.slice(1)}g`, fails('NotUUID')],
  [TEXT, simple('uuid'), `(${UUID})`, fails('NotUUID')],
  [TEXT, simple('uuid'), `(${UUID}}`, fails('NotUUID')],
  [TEXT, simple('uuid'), `{${UUID})`, fails('NotUUID')],
  [TEXT, simple('uuid'), UUID.replaceAll('-', '_'), fails('NotUUID')],
  [TEXT, simple('uuid'), '', null],
  [JSON_TYPE, simple('uuid'), JSON.stringify(UUID), UUID],
  [JSON_TYPE, simple('uuid'), '1', fails('NotUUID')],
]);

check('to ip', [
  [TEXT, simple('ip'), '192.168.0.1', '192.168.0.1'],
  [TEXT, simple('ip'), '2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  [TEXT, simple('ip'), '0:0:0:0:0:0:0:0', '::'],
  [TEXT, simple('ip'), '1:0:2:0:3:0:4:5', '1:0:2:0:3:0:4:5'],
  [TEXT, simple('ip'), '1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
  [TEXT, simple('ip'), '::FFFF:1.2.3.4', '::ffff:1.2.3.4'],
  [TEXT, simple('ip'), '::ffff:250.200.129.255', '::ffff:250.200.129.255'],
  [TEXT, simple('ip'), '1::ffff:1.2.3.4', '1::ffff:102:304'],
  [TEXT, simple('ip'), '::fffe:1.2.3.4', '::fffe:102:304'],
  [TEXT, simple('ip'), '255.249.199.99', '255.249.199.99'],
  [TEXT, simple('ip'), '::1.2.3.4', '::102:304'],
  [TEXT, simple('ip'), 'fe80::1%eth0', 'fe80::1%eth0'],
  ...[
    '1.2.3',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.4%eth0',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    '12345::',
    '::1%',
    '1.2.3.4:1::',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
    'g::',
    ':::',
  ].map((text): Row => [TEXT, simple('ip'), text, fails('NotIP')]),
  [JSON_TYPE, simple('ip'), '"::1"', '::1'],
]);

check('to json', [
  [TEXT, JSON_TYPE, '{"a":1}', '"{\\"a\\":1}"'],
  [TEXT, JSON_TYPE, '', '""'],
  [TEXT, JSON_TYPE, '<&>\u2028', '"<&>\u2028"'],
  [simple('boolean'), JSON_TYPE, true, 'true'],
  [int(32), JSON_TYPE, 5, '5'],
  [int(64), JSON_TYPE, '9223372036854775807', '9223372036854775807'],
  [float(64), JSON_TYPE, 1e21, '1e+21'],
  [float(32), JSON_TYPE, Math.fround(0.1), '0.1'],
  [float(64), JSON_TYPE, Number.NaN, fails('NotConvertible')],
  [decimal(10, 2), JSON_TYPE, '1.50', '1.5'],
  [simple('datetime'), JSON_TYPE, '2024-02-29 10:20:30', '"2024-02-29T10:20:30Z"'],
  [simple('date'), JSON_TYPE, '2024-02-29', '"2024-02-29"'],
  [simple('time'), JSON_TYPE, '10:20:30', '"10:20:30"'],
  [simple('year'), JSON_TYPE, 2024, '2024'],
  [JSON_TYPE, JSON_TYPE, ' [1,  2]', ' [1,  2]'],
  [JSON_TYPE, JSON_TYPE, 'null', 'null'],
  [{ kind: 'array', elementType: int(64) }, JSON_TYPE, ['9007199254740993', null], '[9007199254740993,null]'],
  [{ kind: 'map', elementType: JSON_TYPE }, JSON_TYPE, { b: '1', a: ' {} ' }, '{"a": {} ,"b":1}'],
  [{ kind: 'array', elementType: float(64) }, JSON_TYPE, [Infinity], fails('NotConvertible')],
  [{ kind: 'object', properties: [named('toString', TEXT)] }, JSON_TYPE, {}, '{}'],
  [
    { kind: 'object', properties: [named('z', simple('date')), named('a', TEXT), named('x', TEXT)] },
    JSON_TYPE,
    { a: null, z: '2024-01-01' },
    '{"z":"2024-01-01","a":null}',
  ],
]);

check('to array', [
  [{ kind: 'array', elementType: TEXT }, { kind: 'array', elementType: int(32) }, ['1', '2'], [1, 2]],
  [{ kind: 'array', elementType: TEXT }, { kind: 'array', elementType: int(32) }, ['1', ''], fails('NotConvertible')],
  [{ kind: 'array', elementType: TEXT }, { kind: 'array', elementType: int(32) }, ['1', null], fails('NotNullable')],
  [{ kind: 'array', elementType: TEXT }, { kind: 'array', elementType: JSON_TYPE }, ['1', null], ['"1"', 'null']],
  [JSON_TYPE, { kind: 'array', elementType: int(64) }, '[9007199254740993, 2 ]', ['9007199254740993', '2']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT }, '["a,]", "\\"b\\\\", 1]', ['a,]', '"b\\', '1']],
  [
    JSON_TYPE,
    { kind: 'array', elementType: JSON_TYPE },
    '[[1,[2]], {"a":"}"}, null]',
    ['[1,[2]]', '{"a":"}"}', 'null'],
  ],
  [JSON_TYPE, { kind: 'array', elementType: TEXT }, '[null]', fails('NotNullable')],
  [JSON_TYPE, { kind: 'array', elementType: TEXT }, ' [ ] ', []],
  [JSON_TYPE, { kind: 'array', elementType: TEXT }, '"a"', ['a']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, minElements: 2 }, '"a"', fails('NotConvertible')],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, minElements: 1 }, '"a"', ['a']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, maxElements: 0 }, '"a"', fails('NotConvertible')],
  [JSON_TYPE, { kind: 'array', elementType: JSON_TYPE }, '{}', fails('NotConvertible')],
  [JSON_TYPE, { kind: 'array', elementType: TEXT }, 'null', null],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, maxElements: 1 }, '["a","b"]', fails('TooManyElements')],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, minElements: 3 }, '["a","b"]', fails('TooFewElements')],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, minElements: 2, maxElements: 2 }, '["a","b"]', ['a', 'b']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, uniqueElements: true }, '["a","b"]', ['a', 'b']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, uniqueElements: true }, '["1.5","1.50"]', ['1.5', '1.50']],
  [JSON_TYPE, { kind: 'array', elementType: TEXT, uniqueElements: true }, '["a","b","a"]', fails('RepeatedElement')],
  [
    JSON_TYPE,
    { kind: 'array', elementType: decimal(5, 2), uniqueElements: true },
    '[1.5,1.50]',
    fails('RepeatedElement'),
  ],
]);

const person: Type = {
  kind: 'object',
  properties: [named('name', TEXT), named('age', int(8), true), named('__proto__', TEXT)],
};
check('to object', [
  [JSON_TYPE, person, '{"age":" ","name":"a"}', fails('NotConvertible')],
  [JSON_TYPE, person, '{"x":[{}],"na\\u006de":"a","age":null}', { name: 'a', age: null }],
  [JSON_TYPE, person, '{"name":null}', fails('NotNullable')],
  [JSON_TYPE, person, '[]', fails('NotConvertible')],
  [{ kind: 'map', elementType: TEXT }, { kind: 'object', properties: [named('toString', TEXT)] }, { a: 'x' }, {}],
  [
    { kind: 'map', elementType: TEXT },
    { kind: 'object', properties: [named('a', int(8))] },
    { a: '5', b: '' },
    { a: 5 },
  ],
  [
    { kind: 'object', properties: [named('a', TEXT, true), named('b', TEXT)] },
    { kind: 'object', properties: [named('a', int(8), true), named('c', TEXT)] },
    { a: '', b: 'x' },
    { a: null },
  ],
]);

check('to map', [
  [
    { kind: 'map', elementType: TEXT },
    { kind: 'map', elementType: int(8) },
    { a: '1', constructor: '2' },
    { a: 1, constructor: 2 },
  ],
  [{ kind: 'map', elementType: TEXT }, { kind: 'map', elementType: int(8) }, { a: '' }, fails('NotConvertible')],
  [person, { kind: 'map', elementType: TEXT }, { name: 'a', age: null }, { name: 'a', age: null }],
  [JSON_TYPE, { kind: 'map', elementType: TEXT }, '{"b":1,"a":"x"}', { b: '1', a: 'x' }],
  [JSON_TYPE, { kind: 'map', elementType: TEXT }, '{"b":null}', fails('NotNullable')],
  [JSON_TYPE, { kind: 'map', elementType: JSON_TYPE }, '{"b":null}', { b: 'null' }],
  [JSON_TYPE, { kind: 'map', elementType: TEXT }, '[]', fails('NotConvertible')],
]);

describe('null', () => {
  test('stays null where null may stand', () => {
    expect(run(TEXT, int(8), null)).toBeNull();
    expect(run(TEXT, JSON_TYPE, null)).toBeNull();
    expect(run(JSON_TYPE, JSON_TYPE, null)).toBeNull();
  });

  test('is refused where it may not stand, but becomes JSON null in json', () => {
    expect(run(TEXT, TEXT, null, false)).toEqual(fails('NotNullable'));
    const numbers: Type = { kind: 'array', elementType: int(8) };
    expect(run({ kind: 'array', elementType: TEXT }, numbers, null, false)).toEqual(fails('NotNullable'));
    const ages: Type = { kind: 'map', elementType: int(8) };
    expect(run({ kind: 'map', elementType: TEXT }, ages, null, false)).toEqual(fails('NotNullable'));
    expect(run(TEXT, int(8), '', false)).toEqual(fails('NotConvertible'));
    expect(run(TEXT, TEXT, '', false)).toBe('');
    expect(run(TEXT, { kind: 'string', values: ['a'] }, '', false)).toEqual(fails('NotAllowed'));
    expect(run(JSON_TYPE, int(8), 'null', false)).toEqual(fails('NotNullable'));
    expect(run(TEXT, JSON_TYPE, null, false)).toBe('null');
    expect(run(JSON_TYPE, JSON_TYPE, null, false)).toBe('null');
  });
});

function named(name: string, type: Type, nullable = false) {
  return { name, type, ...(nullable && { nullable }), description: '' };
}
