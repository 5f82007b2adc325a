import { describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey, isApiKey, newEntityId, parseEntityId, parseRunId } from '../src/index.js';

describe('ids', () => {
  it('are refused with a sign, a leading zero, anything but digits, or out of range', () => {
    for (const text of [
      '',
      '0',
      '-1',
      '+1',
      '01',
      '1.0',
      '1e3',
      ' 1',
      '1 ',
      'abc',
      '１',
      '2147483648',
      '9'.repeat(30),
    ]) {
      expect(parseEntityId(text), text).toBeUndefined();
    }
    expect(parseEntityId('1')).toBe(1);
    expect(parseEntityId('2147483647')).toBe(2_147_483_647);
  });

  it('of runs reach 2^53 - 1 and no further', () => {
    expect(parseRunId('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseRunId('9007199254740992')).toBeUndefined();
  });

  it('of new entities have nine or ten digits', () => {
    for (let count = 0; count < 1_000; count += 1) {
      expect(newEntityId()).toBeGreaterThanOrEqual(100_000_000);
      expect(newEntityId()).toBeLessThanOrEqual(2_147_483_647);
    }
  });
});

describe('API keys', () => {
  it('have their published form and differ', () => {
    const [first, second] = [generateApiKey(), generateApiKey()];
    expect(first).toMatch(/^api_[0-9A-Za-z]{49}$/);
    expect(first).not.toBe(second);
    expect(isApiKey(first)).toBe(true);
    expect(hashApiKey(first)).toHaveLength(32);
  });

  it('with any one character changed are recognised as wrong without a look-up', () => {
    const key = generateApiKey();
    for (let index = 4; index < key.length; index += 1) {
      const other = key[index] === 'x' ? 'y' : 'x';
      expect(isApiKey(key.slice(0, index) + other + key.slice(index + 1)), `at ${index}`).toBe(false);
    }
  });
});
