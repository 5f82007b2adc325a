import type { Type } from '@penstock/language';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDatetime, compileUpdateTime, latestUpdateTime, readFrom, readStart } from '../src/update-time.js';

const TEXT: Type = { kind: 'string' };
const JSON_TEXT: Type = { kind: 'json' };
const NOW = Date.UTC(2026, 0, 31, 12, 0, 0, 250);
const latest = latestUpdateTime(NOW);

describe('a canonical datetime', () => {
  it('has no zone and no zeros at the end of its fraction, but keeps those of its seconds', () => {
    expect(canonicalDatetime(NOW)).toBe('2026-01-31 12:00:00.25');
    expect(canonicalDatetime(Date.UTC(2026, 0, 31, 12, 30))).toBe('2026-01-31 12:30:00');
    expect(canonicalDatetime(Date.UTC(2026, 9, 10))).toBe('2026-10-10 00:00:00');
  });

  it('orders as text like the time that it stands for', () => {
    const instant = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2200, 0) });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        expect(Math.sign(a - b)).toBe(
          Number(canonicalDatetime(a) > canonicalDatetime(b)) - Number(canonicalDatetime(a) < canonicalDatetime(b)),
        );
      }),
    );
  });
});

describe('an update time', () => {
  const read = compileUpdateTime('updated', { kind: 'datetime' }, null);

  it('is believed from 1900 until five minutes from now', () => {
    expect(read('1900-01-01 00:00:00', latest)).toEqual({ at: '1900-01-01 00:00:00' });
    expect(read('1899-12-31 23:59:59.999999', latest)).toEqual({
      failure: 'update time column "updated" is before the year 1900',
    });
    expect(read('2026-01-31 12:05:00.25', latest)).toEqual({ at: '2026-01-31 12:05:00.25' });
    expect(read('2026-01-31 12:05:00.250001', latest)).toMatchObject({
      failure: expect.stringContaining('more than 5 minutes'),
    });
  });

  it('that is missing is a failure of the record', () => {
    expect(read(null, latest)).toEqual({ failure: 'update time column "updated" is null' });
  });

  it('may be a date, or text or JSON in a format, which is ISO 8601 unless the pipeline says otherwise', () => {
    const at = (type: Type, format: string | null, value: string) =>
      compileUpdateTime('t', type, format)(value, latest);
    expect(at({ kind: 'date' }, null, '2026-01-30')).toEqual({ at: '2026-01-30 00:00:00' });
    for (const format of [null, 'ISO8601']) {
      expect(at(TEXT, format, '2026-01-30T10:00:00.5+02:00')).toEqual({ at: '2026-01-30 08:00:00.5' });
      expect(at(JSON_TEXT, format, ' "2026-01-30T10:00:00Z" ')).toEqual({ at: '2026-01-30 10:00:00' });
    }
    expect(at(TEXT, '%d/%m/%Y %H:%M', '30/01/2026 10:05')).toEqual({ at: '2026-01-30 10:05:00' });
    expect(at(JSON_TEXT, '%d/%m/%Y', '"30\\/01\\/2026"')).toEqual({ at: '2026-01-30 00:00:00' });
    expect(at(JSON_TEXT, '%s', '1700000000')).toEqual({ at: '2023-11-14 22:13:20' });
  });

  it.each<[Type, string, string]>([
    [TEXT, 'ISO8601', 'yesterday'],
    [TEXT, 'ISO8601', '0000-01-01'],
    [TEXT, '%Y-%m-%d', '2026-01-30T00:00:00Z'],
    [TEXT, '%Y-%m-%d', ''],
    [JSON_TEXT, 'ISO8601', '2024'],
    [JSON_TEXT, '%s', 'null'],
    [JSON_TEXT, '%s', '{"at":1}'],
    [JSON_TEXT, '%Y', '[2024]'],
  ])('of type %j in the format %s cannot be read from %j', (type, format, value) => {
    expect(compileUpdateTime('t', type, format)(value, latest)).toEqual({
      failure: 'update time column "t" is not a time',
    });
  });

  it('in a format must be believable too', () => {
    const readYear = compileUpdateTime('t', TEXT, '%Y');
    expect(readYear('1899', latest)).toMatchObject({ failure: expect.stringContaining('before the year 1900') });
    expect(readYear('2027', latest)).toMatchObject({ failure: expect.stringContaining('in the future') });
  });
});

describe('an incremental import', () => {
  it('reads from the cursor less the overlap, and keeps every digit below the second', () => {
    expect(readFrom('2026-01-01 00:01:00.123456', 0, 'datetime')).toBe('2026-01-01 00:01:00.123456');
    expect(readFrom('2026-01-01 00:01:00.123456', 300_000, 'datetime')).toBe('2025-12-31 23:56:00.123456');
    expect(readFrom('2026-01-01 00:01:00', 90_000, 'datetime')).toBe('2025-12-31 23:59:30');
  });

  it('of dates reads from a whole day, rounded down', () => {
    expect(readFrom('2026-01-05 00:00:00', 0, 'date')).toBe('2026-01-05');
    expect(readFrom('2026-01-05 00:00:00', 300_000, 'date')).toBe('2026-01-04');
    expect(readFrom('2026-01-05', 0, 'date')).toBe('2026-01-05');
  });

  it('compares text with text in the format of the column, rounded down', () => {
    const start = (type: Type | undefined, format: string | null) =>
      readStart({ cursor: '2026-01-01 00:01:00.75', overlapMs: 90_000 }, type, format);
    const updatedAt = '2025-12-31 23:59:30.75';
    expect(start({ kind: 'datetime' }, null)).toEqual({ updatedAt, kind: 'datetime' });
    expect(start({ kind: 'date' }, null)).toEqual({ updatedAt: '2025-12-31', kind: 'date' });
    expect(start(TEXT, 'ISO8601')).toEqual({ updatedAt, kind: 'datetime', text: '2025-12-31T23:59:30' });
    expect(start(TEXT, '%d.%m.%Y %H:%M')).toEqual({ updatedAt, kind: 'datetime', text: '31.12.2025 23:59' });
    expect(start(JSON_TEXT, '%s')).toEqual({ updatedAt, kind: 'datetime', text: '1767225570' });
  });
});
