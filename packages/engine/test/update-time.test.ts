import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDatetime, compileUpdateTime, latestUpdateTime, readFrom } from '../src/update-time.js';

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
  const read = compileUpdateTime('updated', { kind: 'datetime' });

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

  it('may be a date, or ISO 8601 in text or JSON', () => {
    expect(compileUpdateTime('d', { kind: 'date' })('2026-01-30', latest)).toEqual({ at: '2026-01-30 00:00:00' });
    expect(compileUpdateTime('s', { kind: 'string' })('2026-01-30T10:00:00.5+02:00', latest)).toEqual({
      at: '2026-01-30 08:00:00.5',
    });
    expect(compileUpdateTime('j', { kind: 'json' })('"2026-01-30T10:00:00Z"', latest)).toEqual({
      at: '2026-01-30 10:00:00',
    });
    expect(compileUpdateTime('s', { kind: 'string' })('yesterday', latest)).toEqual({
      failure: 'update time column "s" is not a time',
    });
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
});
