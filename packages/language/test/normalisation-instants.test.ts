import { describe, expect, test } from 'vitest';
import { compileNormalisation, type Layouts, TimeFormatError, type Type, ValueFailure } from '../src/index.js';

type TimeKind = 'datetime' | 'date' | 'time';

function normalised(kind: TimeKind, raw: unknown, layout?: string): unknown {
  const layouts: Layouts = layout === undefined ? {} : { [kind]: layout };
  const value = compileNormalisation({ kind } as Type, { nullable: false, path: 'p', layouts })(raw);
  return value instanceof ValueFailure ? value.code : value;
}

describe('times without a layout', () => {
  test.each<[TimeKind, unknown, unknown]>([
    ['datetime', '2024-02-29 10:20:30', '2024-02-29 10:20:30'],
    ['datetime', '2024-02-29 10:20:30.5', '2024-02-29 10:20:30.5'],
    ['datetime', '2024-02-29 10:20:30.500', '2024-02-29 10:20:30.5'],
    ['datetime', '2024-02-29 10:20:30.000', '2024-02-29 10:20:30'],
    ['datetime', '2024-02-29T10:20:30.123456789Z', '2024-02-29 10:20:30.123456789'],
    ['datetime', '2024-02-29T00:20:30+01:00', '2024-02-28 23:20:30'],
    ['datetime', '2024-02-29T23:50-0030', '2024-03-01 00:20:00'],
    ['datetime', '2024-02-29T23+05', '2024-02-29 18:00:00'],
    ['datetime', '2024', '2024-01-01 00:00:00'],
    ['datetime', '+2024-03', '2024-03-01 00:00:00'],
    ['datetime', '2024-366', '2024-12-31 00:00:00'],
    ['datetime', '2023-366', 'NotDatetime'],
    ['datetime', '2024-000', 'NotDatetime'],
    ['datetime', '2024-1-2', '2024-01-02 00:00:00'],
    ['datetime', '2023-02-29', 'NotDatetime'],
    ['datetime', '2024-02-29T24:00', 'NotDatetime'],
    ['datetime', '2024-02-29T10:60', 'NotDatetime'],
    ['datetime', '2024-02-29T10:20:60', 'NotDatetime'],
    ['datetime', '2024-02-29 10:20:30.1234567891', 'NotDatetime'],
    ['datetime', '2024-02-29T10:20-00:00', 'NotDatetime'],
    ['datetime', '2024-02-29T', 'NotDatetime'],
    ['datetime', '2024-02-29x', 'NotDatetime'],
    ['datetime', '10:20:30', 'NotDatetime'],
    ['datetime', '', 'NotDatetime'],
    ['datetime', `2024${' '.repeat(2000)}`, 'NotDatetime'],
    ['datetime', '0000', 'YearOutOfRange'],
    ['datetime', '0000-12-31 10:20:30', 'YearOutOfRange'],
    ['datetime', '9999-12-31T23:59:59-01:00', 'YearOutOfRange'],
    ['datetime', new Date(Date.UTC(2024, 1, 29, 10, 20, 30, 250)), '2024-02-29 10:20:30.25'],
    ['datetime', new Date(-1), '1969-12-31 23:59:59.999'],
    ['datetime', new Date(Number.NaN), 'NotDatetime'],
    ['datetime', new Date(8.64e15), 'YearOutOfRange'],
    ['datetime', 1700000000, 'WrongType'],
    ['date', '2024-02-29', '2024-02-29'],
    ['date', '2024-02-29T23:30:00-01:00', '2024-03-01'],
    ['date', '2024', '2024-01-01'],
    ['date', '2024-060', '2024-02-29'],
    ['date', '02/29/2024', 'NotDate'],
    ['date', '0000-01-01', 'YearOutOfRange'],
    ['date', new Date(Date.UTC(2024, 1, 29, 23)), '2024-02-29'],
    ['time', '10:20:30', '10:20:30'],
    ['time', '10:20:30.500', '10:20:30.5'],
    ['time', new TextEncoder().encode('10:20:30.5'), '10:20:30.5'],
    ['time', new Uint8Array([255]), 'InvalidText'],
    ['time', '2024-02-29T10:20:30.25+01:00', '09:20:30.25'],
    ['time', '10:20', 'NotTime'],
    ['time', '1020', 'NotTime'],
    ['time', '24:00:00', 'NotTime'],
    ['time', '10:20:30 PM', 'NotTime'],
    ['time', new Date(Date.UTC(2024, 1, 29, 23, 1, 2, 3)), '23:01:02.003'],
  ])('%s: %j becomes %j', (kind, raw, expected) => {
    expect(normalised(kind, raw)).toBe(expected);
  });
});

describe('times with a layout', () => {
  test.each<[TimeKind, string, unknown, unknown]>([
    ['datetime', 'unix', 1700000000, '2023-11-14 22:13:20'],
    ['datetime', 'unix', '1700000000', '2023-11-14 22:13:20'],
    ['datetime', 'unix', -1n, '1969-12-31 23:59:59'],
    ['datetime', 'unix', 1.9, '1970-01-01 00:00:01'],
    ['datetime', 'unix', '1.9', 'NotDatetime'],
    ['datetime', 'unix', Number.NaN, 'NotDatetime'],
    ['datetime', 'unix', 1e300, 'YearOutOfRange'],
    ['datetime', 'unix', '9'.repeat(30), 'YearOutOfRange'],
    ['datetime', 'unix', '2024-01-01', 'NotDatetime'],
    ['datetime', 'unixmilli', 1700000000123, '2023-11-14 22:13:20.123'],
    ['datetime', 'unixmilli', -1, '1969-12-31 23:59:59.999'],
    ['datetime', 'unixmicro', '1700000000000001', '2023-11-14 22:13:20.000001'],
    ['datetime', 'unixnano', 1700000000000000001n, '2023-11-14 22:13:20.000000001'],
    ['datetime', 'unixnano', -9007199254740993n, '1969-09-18 18:00:00.745259007'],
    ['datetime', 'unixnano', '-1', '1969-12-31 23:59:59.999999999'],
    ['datetime', '%Y-%m-%d %H:%M:%S', '2024-02-29 10:20:30', '2024-02-29 10:20:30'],
    ['datetime', '%Y-%m-%d %H:%M:%S', '2024-02-29T10:20:30Z', 'NotDatetime'],
    ['datetime', '%Y-%m-%d %H:%M:%S', 5, 'WrongType'],
    ['datetime', '%d.%m.%Y', new Date(0), '1970-01-01 00:00:00'],
    ['datetime', '', '2024', '2024-01-01 00:00:00'],
    ['date', '%m/%d/%Y', '02/29/2024', '2024-02-29'],
    ['date', '%m/%d/%Y', '2024-02-29', 'NotDate'],
    ['date', 'unix', 86_400, '1970-01-02'],
    ['time', '%I:%M %p', '12:05 am', '00:05:00'],
    ['time', '%H.%M', new TextEncoder().encode('10.20'), '10:20:00'],
  ])('%s in %s: %s becomes %j', (kind, layout, raw, expected) => {
    expect(normalised(kind, raw, layout)).toBe(expected);
  });

  test.each(['Unix', 'constructor', '2006-01-02', '%Q'])('%j is no layout', (layout) => {
    expect(() => normalised('datetime', '', layout)).toThrow(TimeFormatError);
  });

  test('apply within arrays and objects', () => {
    const type: Type = { kind: 'array', elementType: { kind: 'datetime' } };
    expect(compileNormalisation(type, { nullable: false, layouts: { datetime: 'unix' } })([0, '1'])).toEqual([
      '1970-01-01 00:00:00',
      '1970-01-01 00:00:01',
    ]);
  });
});
