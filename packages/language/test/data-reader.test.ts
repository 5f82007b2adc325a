import { describe, expect, test } from 'vitest';
import { compileDataReader, DataFailure, fromDataJson, type Type } from '../src/index.js';
import { arrayOf, json, mapOf, object, property, text } from './expression-support.js';

const type: Type = object(
  property('list', arrayOf({ kind: 'string', values: ['a', 'b'] })),
  property('map', mapOf({ kind: 'string', pattern: '^[0-9]+$' })),
  { name: 'id', type: { kind: 'int', bitSize: 32 }, readOptional: true, description: '' },
);

describe('a reader of data', () => {
  test('that is compiled once reads many values', () => {
    const read = compileDataReader(type);
    expect(read({ list: ['a'], map: { x: '1' }, id: 5 })).toEqual({ list: ['a'], map: { x: '1' }, id: 5 });
    expect(read({ list: null, map: {} })).toEqual({ list: null, map: {} });
    expect(read(null)).toBe(null);
  });

  test.each([
    5,
    {},
    { list: [], map: {}, more: 1 },
    { list: ['c'], map: {} },
    { list: [null], map: {} },
    { list: [], map: { x: 'y' } },
    { list: [], map: {}, id: null },
  ])('refuses %j with its path, as it does where it is compiled for it', (data) => {
    const failure = compileDataReader(type)(data);
    expect(failure).toBeInstanceOf(DataFailure);
    expect(failure).toEqual(fromDataJson(type, data));
  });

  test('says where a value is and what is wrong with it', () => {
    const read = compileDataReader(type);
    expect(read({ list: ['a', 'c'], map: {} })).toMatchObject({
      ...{ code: 'NotAllowed', path: 'list[1]', text: 'has an invalid value; valid values are "a" and "b"' },
    });
    expect(read({ list: [], map: { x: 'y' } })).toMatchObject({ code: 'NoMatch', path: 'map["x"]' });
  });

  test('refuses JSON that is nested too deeply to be written', () => {
    let data: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) data = [data];
    expect(compileDataReader(json)(data)).toMatchObject({ code: 'NotValid' });
    expect(compileDataReader(object(property('j', json)))({ j: data })).toMatchObject({ code: 'NotValid', path: 'j' });
  });

  test('reads an absent member of a prototype as absent', () => {
    expect(compileDataReader(object(property('constructor', text)))({})).toMatchObject({ code: 'Missing' });
  });
});
