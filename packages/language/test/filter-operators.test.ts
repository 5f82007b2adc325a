import { describe, expect, test } from 'vitest';
import { FILTER_OPERATORS, type FilterUse, type Property, type Type } from '../src/index.js';
import { filterOf, KIND_SAMPLES, type KindSample, messagesOf, schemaOf, violationsOf } from './filter-cases.js';

const KINDS = Object.keys(KIND_SAMPLES) as KindSample[];
const TEXTS: KindSample[] = ['string'];
const ENUMERATIONS: KindSample[] = ['enumeration', 'enumeration with ""'];
const NUMBERS: KindSample[] = ['int', 'int 64', 'unsigned', 'float', 'decimal'];
const INSTANTS: KindSample[] = ['datetime', 'date', 'time'];
const ADDRESSES: KindSample[] = ['uuid', 'ip'];
const ARRAYS: KindSample[] = KINDS.filter((kind) => kind.startsWith('array'));

/** The table of the operators, by what they are alike in. */
const FAMILIES = [
  {
    operators: ['is', 'is not'],
    values: 1,
    kinds: [...TEXTS, ...ENUMERATIONS, ...NUMBERS, 'year', ...INSTANTS, ...ADDRESSES, 'json'],
  },
  {
    operators: ['is less than', 'is less than or equal to', 'is greater than', 'is greater than or equal to'],
    values: 1,
    kinds: [...TEXTS, ...NUMBERS, 'json'],
  },
  {
    operators: ['is between', 'is not between'],
    values: 2,
    kinds: [...TEXTS, ...NUMBERS, 'year', ...INSTANTS, 'json'],
  },
  {
    operators: ['is one of', 'is not one of'],
    values: 1,
    kinds: [...TEXTS, ...ENUMERATIONS, ...NUMBERS, 'year', ...INSTANTS, 'json'],
  },
  {
    operators: ['contains', 'does not contain'],
    values: 1,
    kinds: [...TEXTS, ...ENUMERATIONS, 'json', 'array', 'array of decimals', 'array of json'],
  },
  { operators: ['starts with', 'ends with'], values: 1, kinds: [...TEXTS, 'json'] },
  {
    operators: ['is before', 'is on or before', 'is after', 'is on or after'],
    values: 1,
    kinds: ['year', ...INSTANTS, 'json'],
  },
  { operators: ['is true', 'is false'], values: 0, kinds: ['boolean', 'json'] },
  {
    operators: ['is empty', 'is not empty'],
    values: 0,
    kinds: [...TEXTS, 'enumeration with ""', 'json', ...ARRAYS, 'object', 'map'],
  },
  { operators: ['is null', 'is not null'], values: 0, kinds: ['json'] },
  { operators: ['exists', 'does not exist'], values: 0, kinds: [] as KindSample[] },
];

function valuesOf(sample: string, count: number): string[] | undefined {
  return count === 0 ? undefined : Array<string>(count).fill(sample);
}

describe('operators and kinds', () => {
  test('the table names every operator once', () => {
    expect(FAMILIES.flatMap(({ operators }) => operators).sort()).toEqual([...FILTER_OPERATORS].sort());
  });

  const cells = FAMILIES.flatMap(({ operators, values, kinds }) =>
    operators.flatMap((operator) =>
      KINDS.map((kind) => ({ operator, kind, values, isAllowed: (kinds as string[]).includes(kind) })),
    ),
  );
  test.each(cells)('"$operator" on $kind: $isAllowed', ({ operator, kind, values, isAllowed }) => {
    const [type, sample] = KIND_SAMPLES[kind];
    const violations = violationsOf(filterOf(operator, valuesOf(sample, values)), schemaOf(type));
    if (isAllowed) expect(violations).toEqual([]);
    else expect(violations).toEqual([{ path: 'conditions[0].operator', message: expect.stringContaining(operator) }]);
  });

  test.each<[string, KindSample, number, string]>([
    ['is', 'boolean', 1, 'operator "is" cannot be used with boolean properties'],
    ['is not', 'array', 1, 'operator "is not" cannot be used with boolean properties'],
    ['is', 'map', 1, 'operator "is" cannot be used with boolean properties'],
    ['is less than', 'year', 1, 'operator "is less than" cannot be used with year properties'],
    ['is greater than', 'uuid', 1, 'operator "is greater than" cannot be used with uuid properties'],
    ['is greater than', 'object', 1, 'operator "is greater than" cannot be used with object properties'],
    ['is between', 'ip', 2, 'operator "is between" cannot be used with ip properties'],
    ['is one of', 'boolean', 1, 'operator "is one of" cannot be used with boolean properties'],
    ['is one of', 'array', 1, 'operator "is one of" cannot be used with array properties'],
    ['contains', 'int', 1, 'operator "contains" cannot be used with int properties'],
    ['contains', 'array of booleans', 1, 'operator "contains" cannot be used with array(boolean) properties'],
    ['does not contain', 'array of maps', 1, 'operator "does not contain" cannot be used with array(map) properties'],
    ['contains', 'array of arrays', 1, 'operator "contains" cannot be used with array(array) properties'],
    ['is between', 'enumeration', 2, 'operator "is between" cannot be used with string type that has values'],
    ['starts with', 'enumeration', 1, 'operator "starts with" cannot be used with string type that has values'],
    ['is less than', 'enumeration', 1, 'operator "is less than" cannot be used with string type that has values'],
    ['is before', 'string', 1, 'operator "is before" cannot be used with string properties'],
    ['is true', 'int', 0, 'operator "is true" cannot be used with int properties'],
    ['is null', 'int', 0, 'operator "is null" can only be used with nullable or json properties'],
    [
      'exists',
      'json',
      0,
      'operator "exists" can only be used with read-optional properties or with json properties that include a JSON path',
    ],
    ['is empty', 'int', 0, 'operator "is empty" can only be used with json, string, object, array, and map properties'],
    [
      'is not empty',
      'enumeration',
      0,
      'operator "is not empty" cannot be used on string properties that exclude the empty string from allowed values',
    ],
  ])('"%s" on %s is refused in words', (operator, kind, values, message) => {
    const [type, sample] = KIND_SAMPLES[kind];
    expect(messagesOf(type, operator, valuesOf(sample, values))).toEqual([message]);
  });

  const ALL_TYPES: Type[] = KINDS.map((kind) => KIND_SAMPLES[kind][0]);

  test('null is asked of any nullable property, existence of any read-optional one, whatever its kind', () => {
    const refused = (operator: string, flags: Partial<Property>) =>
      ALL_TYPES.filter((type) => violationsOf(filterOf(operator), schemaOf(type, flags)).length > 0);
    for (const operator of ['is null', 'is not null']) {
      expect(refused(operator, { nullable: true })).toEqual([]);
      expect(refused(operator, { readOptional: true })).toEqual(ALL_TYPES.filter(({ kind }) => kind !== 'json'));
    }
    for (const operator of ['exists', 'does not exist']) {
      expect(refused(operator, { readOptional: true })).toEqual([]);
      expect(refused(operator, { nullable: true })).toEqual(ALL_TYPES);
    }
  });

  test('existence is asked of what is inside json', () => {
    expect(violationsOf(filterOf('exists', undefined, 'p.a'), schemaOf({ kind: 'json' }))).toEqual([]);
  });

  const text = schemaOf({ kind: 'string' });
  test.each<[FilterUse, Type, string, string | undefined]>([
    ['import', text, 'is empty', undefined],
    ['events', text, 'is empty', 'operator "is empty" cannot be used on object properties for pipelines on events'],
    [
      'export',
      text,
      'is not empty',
      'operator "is not empty" cannot be used on object properties for destination pipelines on users',
    ],
    ['events', { kind: 'json' }, 'is empty', undefined],
    ['export', { kind: 'map', elementType: { kind: 'string' } }, 'is empty', undefined],
  ])('for %s, emptiness of %o', (use, type, operator, message) => {
    const messages = violationsOf(filterOf(operator), schemaOf(type), use).map((violation) => violation.message);
    expect(messages).toEqual(message === undefined ? [] : [message]);
  });

  test('exports refuse json properties before they look at the operator', () => {
    const expected = 'property "p" has type json, which is not supported in data warehouse exports';
    for (const path of ['p', 'p.a.b']) {
      expect(violationsOf(filterOf('starts with', ['x'], path), schemaOf({ kind: 'json' }), 'export')).toEqual([
        { path: 'conditions[0].property', message: expected },
      ]);
    }
  });
});
