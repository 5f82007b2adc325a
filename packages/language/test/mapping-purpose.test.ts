import { describe, expect, test } from 'vitest';
import {
  compileConversion,
  compileMapping,
  type ObjectType,
  type Property,
  type Purpose,
  type Value,
  type ValueFailure,
} from '../src/index.js';
import { int32, json, mapOf, object, property, text } from './expression-support.js';

const required = (name: string, type: Property['type'], flags: Partial<Property>): Property => ({
  name,
  type,
  ...flags,
  description: '',
});

const address = object(
  required('city', text, { createRequired: true, readOptional: true }),
  required('zip', text, { updateRequired: true, readOptional: true }),
);

const outSchema = object(
  required('created', text, { createRequired: true }),
  required('updated', text, { updateRequired: true }),
  required('free', text, {}),
  required('maybe', text, { createRequired: true, updateRequired: true, nullable: true }),
  required('number', int32, { createRequired: true }),
  property('address', address),
  property('addresses', { kind: 'array', elementType: address }),
);

const inSchema = object(
  property('s', text),
  property('j', json),
  property('o', object({ ...property('city', text), readOptional: true }, property('x', text))),
  property('same', address),
  property('m', mapOf(text)),
  property('list', { kind: 'array', elementType: address }),
);

function evaluate(mapping: Record<string, string>, row: Value[], purpose?: Purpose): Value[] | ValueFailure {
  const out: Value[] = [];
  return compileMapping(mapping, inSchema, outSchema, purpose).evaluate(row, out) ?? out;
}

const nothing: Value[] = [null, null, null, null, null, null];

describe('a property that is required', () => {
  test.each<[string, Purpose, string]>([
    ['created', 'Create', '«s» is null but it is required for creation while mapping to «created»'],
    ['updated', 'Update', '«s» is null but it is required for update while mapping to «updated»'],
  ])('%s fails for %s where it is null', (name, purpose, message) => {
    expect(evaluate({ [name]: 's' }, nothing, purpose)).toMatchObject({ step: 'OutputValidation', message });
  });

  test.each<[string, Purpose | undefined]>([
    ['created', undefined],
    ['created', 'Import'],
    ['created', 'Update'],
    ['updated', 'Create'],
    ['updated', 'Import'],
    ['free', 'Create'],
    ['maybe', 'Create'],
    ['maybe', 'Update'],
  ])('%s may be null for %s', (name, purpose) => {
    expect(evaluate({ [name]: 's' }, nothing, purpose)).toEqual([null]);
  });

  test('fails for what conversion turns into null, and for a constant', () => {
    const empty: Value[] = ['', ...nothing.slice(1)];
    expect(evaluate({ number: 's' }, empty, 'Create')).toMatchObject({ code: 'RequiredForCreation' });
    expect(evaluate({ created: 's' }, empty, 'Create')).toEqual(['']);
    expect(evaluate({ created: 'null' }, nothing, 'Create')).toMatchObject({ code: 'RequiredForCreation' });
    expect(evaluate({ created: 'j' }, [null, 'null', null, null, null, null], 'Create')).toMatchObject({
      message: '«j» is null but it is required for creation while mapping to «created»',
    });
  });

  test('fails only in the property that is null', () => {
    expect(evaluate({ created: "'x'", free: 's', updated: 's' }, nothing, 'Create')).toEqual(['x', null, null]);
  });
});

describe('within an object that conversion makes', () => {
  const city = '«%s» is missing but it is required for creation while mapping to «address.city»';
  const zip = '«%s» is missing but it is required for update while mapping to «address.zip»';
  const cases: readonly [source: string, position: number, whole: Value, none: Value][] = [
    ['j', 1, '{"city":"Rome","zip":"1"}', '{"x":1}'],
    ['same', 3, { city: 'Rome', zip: '1' }, {}],
    ['m', 4, { city: 'Rome', zip: '1' }, { x: 'y' }],
  ];
  const rowWith = (position: number, value: Value): Value[] => nothing.with(position, value);

  test.each(cases)('from %s the required properties must be there', (source, position, whole, none) => {
    for (const purpose of ['Import', 'Create', 'Update'] as const) {
      expect(evaluate({ address: source }, rowWith(position, whole), purpose)).toEqual([{ city: 'Rome', zip: '1' }]);
    }
    expect(evaluate({ address: source }, rowWith(position, none), 'Import')).toEqual([{}]);
    expect(evaluate({ address: source }, rowWith(position, none), 'Create')).toMatchObject({
      step: 'OutputValidation',
      message: city.replace('%s', source),
    });
    expect(evaluate({ address: source }, rowWith(position, none), 'Update')).toMatchObject({
      message: zip.replace('%s', source),
    });
  });

  test('a property that the source cannot have is missing', () => {
    expect(evaluate({ address: 'o' }, rowWith(2, { city: 'Rome' }), 'Create')).toEqual([{ city: 'Rome' }]);
    expect(evaluate({ address: 'o' }, rowWith(2, { city: 'Rome' }), 'Update')).toMatchObject({
      message: zip.replace('%s', 'o'),
    });
  });

  test('and within arrays of them', () => {
    const row = rowWith(5, [{ city: 'Rome' }, {}]);
    expect(evaluate({ addresses: 'list' }, row, 'Import')).toEqual([[{ city: 'Rome' }, {}]]);
    expect(evaluate({ addresses: 'list' }, row, 'Create')).toMatchObject({ code: 'RequiredForCreation' });
  });

  test('and within objects of objects', () => {
    const outer = object({ ...property('inner', address), readOptional: true });
    const schema = object(property('outer', outer));
    const out: Value[] = [];
    const mapping = compileMapping({ outer: 'outer' }, schema, schema, 'Create');
    expect(mapping.evaluate([{ inner: { city: 'Rome' } }], out)).toBeUndefined();
    expect(mapping.evaluate([{}], out)).toBeUndefined();
    expect(mapping.evaluate([{ inner: {} }], out)).toMatchObject({
      message: '«outer» is missing but it is required for creation while mapping to «outer.inner.city»',
    });
  });

  test('an object that is null has none', () => {
    expect(evaluate({ address: 'same' }, nothing, 'Create')).toEqual([null]);
  });

  test('holds for conversions on their own', () => {
    const context = { expression: 'x', outPath: 'p', nullable: true };
    const convert = (purpose?: Purpose): Value | ValueFailure =>
      compileConversion(address as ObjectType, address, { ...context, ...(purpose && { purpose }) })({});
    expect(convert()).toEqual({});
    expect(convert('Import')).toEqual({});
    expect(convert('Create')).toMatchObject({ code: 'RequiredForCreation' });
  });
});
