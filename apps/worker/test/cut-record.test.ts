import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRecord } from '../src/runtime/cut-record.js';

describe('a record', () => {
  it('that fits stays as it is, to the last byte', () => {
    const record = '{"id":"ü","n":12345678901234567890}';
    expect(cutRecord(record, Buffer.byteLength(record))).toEqual({ record, cut: false });
    expect(cutRecord(record, Buffer.byteLength(record) - 1)).toEqual({ record: '{"id":"ü"}', cut: true });
  });

  it.each([
    ['{"a":[1,2],"b":{"c":3,"d":4}}', 20, '{"a":[1,2]}'],
    ['{"a":"},\\",{","b":"x"}', 18, '{"a":"},\\",{"}'],
    ['{"a":"\\\\","b":"x"}', 14, '{"a":"\\\\"}'],
    ['{"a":"xxxxxxxxxxxxxxxx","b":"x"}', 14, '{}'],
    ['{"a":1}', 2, '{}'],
  ])('%s in %i bytes keeps its whole members: %s', (record, maxBytes, kept) => {
    expect(cutRecord(record, maxBytes)).toEqual({ record: kept, cut: true });
  });

  it('of any content and size is the JSON text of its first members afterwards, and fits', () => {
    const members = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(members, fc.integer({ min: 2, max: 300 }), (object, maxBytes) => {
        // Names of digits change the order of an object's members.
        const entries = Object.entries(object).map(([name, value]) => [`_${name}`, value]);
        const { record, cut } = cutRecord(JSON.stringify(Object.fromEntries(entries)), maxBytes);
        expect(Buffer.byteLength(record)).toBeLessThanOrEqual(maxBytes);
        const kept = Object.entries(JSON.parse(record));
        expect(kept).toEqual(JSON.parse(JSON.stringify(entries.slice(0, kept.length))));
        expect(cut).toBe(kept.length < entries.length);
      }),
    );
  });
});
