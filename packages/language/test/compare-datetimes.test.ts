import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDatetimes } from '../src/index.js';
import { canonicalValue } from './arbitraries.js';

describe('compareDatetimes', () => {
  test.each([
    ['2024-01-02 10:20:30', '2024-01-02 10:20:30.5', -1],
    ['2024-01-02 10:20:30.45', '2024-01-02 10:20:30.5', -1],
    ['2024-01-02 10:20:30.5', '2024-01-02 10:20:30.5', 0],
    ['2024-01-02', '2024-01-02 00:00:00', 0],
    ['2024-01-02', '2024-01-02 00:00:00.000001', -1],
    ['2024-01-02', '2024-01-01 23:59:59', 1],
    ['0099-01-01', '2024-01-01', -1],
  ])('%s and %s', (a, b, order) => {
    expect(compareDatetimes(a, b)).toBe(order);
    expect(compareDatetimes(b, a)).toBe(0 - order);
  });

  test('orders as the instants do', () => {
    const datetime = canonicalValue({ kind: 'datetime' }).map(String);
    const instant = (text: string) => {
      const [seconds = '', fraction = ''] = text.split('.');
      return BigInt(Date.parse(`${seconds.replace(' ', 'T')}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
    };
    fc.assert(
      fc.property(datetime, datetime, (a, b) => {
        const order = instant(a) < instant(b) ? -1 : instant(a) > instant(b) ? 1 : 0;
        expect(compareDatetimes(a, b)).toBe(order);
      }),
    );
  });
});
