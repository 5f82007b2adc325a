import { describe, expect, it } from 'vitest';
import { compileUserId } from '../src/user-id.js';

describe('an identifier', () => {
  it('is text or an integer', () => {
    const read = (value: string | number | null | boolean) => compileUserId('id', { kind: 'string' }).read(value);
    expect(read('a')).toBe('a');
    expect(read(12)).toBe('12');
    for (const value of [null, '', true, 1.5, Number.NaN]) expect(read(value)).toBeUndefined();
  });

  it('in JSON is a string or an integer', () => {
    const { read, explain } = compileUserId('id', { kind: 'json' });
    expect(read('"a\\u0062"')).toBe('ab');
    expect(read('-12')).toBe('-12');
    for (const value of ['1.5', 'null', '""', '{}', '[1]', 'true', '01']) expect(read(value), value).toBeUndefined();
    expect(read(' "a" ')).toBe('a');
    expect(explain('{}')).toBe('identifier column "id" is not a string or an integer');
  });

  it('is the same however its number is written, and no other number', () => {
    const { read } = compileUserId('id', { kind: 'json' });
    for (const value of ['12', '12.0', '1.2e1', ' 12\n', '120e-1']) expect(read(value), value).toBe('12');
    expect(read('-0')).toBe('0');
    expect(read('12345678901234567890')).toBe('12345678901234567890');
    for (const value of ['1e-1', '12.000001', '1e5000']) expect(read(value), value).toBeUndefined();
    const ofFloat = compileUserId('id', { kind: 'float', bitSize: 64 }).read;
    expect(ofFloat(12)).toBe('12');
    expect(ofFloat(1e21)).toBe('1000000000000000000000');
    for (const value of [12.5, Number.NaN, Infinity]) expect(ofFloat(value)).toBeUndefined();
  });

  it('has no characters that a warehouse could not store', () => {
    const { read, explain } = compileUserId('id', { kind: 'json' });
    for (const value of ['"a\\u0000"', '"\\ud800"']) {
      expect(read(value), value).toBeUndefined();
      expect(explain(value)).toBe('identifier column "id" has characters that cannot be stored');
    }
  });

  it('has at most 1,024 bytes of UTF-8, whatever its number of characters', () => {
    const { read, explain } = compileUserId('id', { kind: 'string' });
    expect(read('€'.repeat(341))).toHaveLength(341);
    expect(read('€'.repeat(342))).toBeUndefined();
    expect(read('x'.repeat(1_024))).toHaveLength(1_024);
    expect(read('x'.repeat(1_025))).toBeUndefined();
    expect(explain('x'.repeat(1_025))).toBe('identifier column "id" is longer than 1024 bytes');
  });
});
