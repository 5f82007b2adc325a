import { describe, expect, test } from 'vitest';
import {
  isPropertyName,
  leafProperties,
  type ObjectType,
  PathNotExistError,
  parsePropertyPath,
  propertyAt,
} from '../src/index.js';

const text = { kind: 'string' } as const;
const schema: ObjectType = {
  kind: 'object',
  properties: [
    { name: 'email', type: text, description: '' },
    {
      name: 'address',
      description: '',
      type: {
        kind: 'object',
        properties: [
          { name: 'city', type: text, description: '' },
          {
            name: 'geo',
            description: '',
            type: { kind: 'object', properties: [{ name: 'lat', type: text, description: '' }] },
          },
        ],
      },
    },
    { name: 'tags', type: { kind: 'map', elementType: text }, description: '' },
    { name: 'constructor', type: text, description: '' },
  ],
};

describe('property names and paths', () => {
  test.each(['a', '_', 'A_9', '__proto__'])('%s is a name', (name) => expect(isPropertyName(name)).toBe(true));
  test.each(['', '9a', 'a-b', 'é', 'a.b', 'a\n'])('%j is no name', (name) => expect(isPropertyName(name)).toBe(false));
  test('a path is names between points', () => {
    expect(parsePropertyPath('a.b_1.C')).toEqual(['a', 'b_1', 'C']);
    for (const path of ['', '.', 'a.', '.a', 'a..b', 'a.1', 'a b']) expect(parsePropertyPath(path)).toBeUndefined();
  });
});

describe('propertyAt', () => {
  test('finds properties through objects', () => {
    expect(propertyAt(schema, 'address.geo.lat').name).toBe('lat');
    expect(propertyAt(schema, 'constructor').name).toBe('constructor');
  });

  test.each([
    ['toString', 'toString'],
    ['address.street.number', 'address.street'],
    ['email.x', 'email.x'],
    ['tags.x', 'tags.x'],
    ['', ''],
  ])('refuses %j up to the first name that is missing', (path, missing) => {
    const attempt = () => propertyAt(schema, path);
    expect(attempt).toThrow(PathNotExistError);
    expect(attempt).toThrow(`property path "${missing}" does not exist`);
  });
});

test('leafProperties lists what is no object, depth first, with its column', () => {
  expect(leafProperties(schema).map(({ path, column, property }) => [path, column, property.name])).toEqual([
    ['email', 'email', 'email'],
    ['address.city', 'address_city', 'city'],
    ['address.geo.lat', 'address_geo_lat', 'lat'],
    ['tags', 'tags', 'tags'],
    ['constructor', 'constructor', 'constructor'],
  ]);
});
