import { describe, expect, it } from 'vitest';
import { type CompiledFunction, compileFunction, type Type, type Value, ValueFailure } from '../src/index.js';
import { objectOf, propertyOf } from './function-support.js';

function compile(type: Type, preserveJSON = false): CompiledFunction {
  const schema = objectOf(propertyOf('x', type));
  const definition = { language: 'Python', source: 'none', preserveJSON, inPaths: ['x'], outPaths: ['x'] } as const;
  return compileFunction(definition, schema, schema);
}

/** What an answer with one plain value becomes: its text, or the JSON of it. */
function read(type: Type, text: string, form: 'plain' | 'json' = 'plain'): Value | string {
  const header = { nulls: [], absent: [], json: form === 'json' ? [0] : [], failed: [], whole: [], values: null };
  const [outcome] = compile(type).decodeBatch(`${JSON.stringify(header)}\n${text}`, 1);
  if (outcome === undefined) throw new Error('no outcome');
  return outcome instanceof ValueFailure ? outcome.message : (outcome[0] ?? null);
}

describe('what an interpreter of Python writes', () => {
  it.each([
    ['2024-02-29 10:20:30', '2024-02-29 10:20:30'],
    ['2024-02-29T10:20:30.500000', '2024-02-29 10:20:30.5'],
    ['2024-02-29 10:20:30.123456789', '2024-02-29 10:20:30.123456789'],
    ['2024-02-29T10:20:30Z', '2024-02-29 10:20:30'],
    ['2024-02-29T10:20:30+01:00', '2024-02-29 09:20:30'],
    ['0000-02-29 10:20:30', 'property «x» has a year outside the allowed range (1–9999)'],
    ['2024-02-30 10:20:30', 'property «x» is not in the expected datetime format'],
    ['2024-02-29 10:20:30+01:00', 'property «x» is not in the expected datetime format'],
    ['2024-02-29', 'property «x» is not in the expected datetime format'],
    ['2024-02-29 10:20:30\n', 'property «x» is not in the expected datetime format'],
  ])('is a datetime without a zone in UTC, or one in RFC 3339: %s', (text, expected) => {
    expect(read({ kind: 'datetime' }, text)).toBe(expected);
  });

  it('is JSON as it stands, with all digits of numbers', () => {
    expect(read({ kind: 'json' }, '{"a":12345678901234567890}')).toBe('{"a":12345678901234567890}');
    expect(read({ kind: 'json' }, '')).toBe('property «x» does not contain valid JSON');
    expect(read({ kind: 'json' }, '{"a":1,"a":2}')).toBe('property «x» does not contain valid JSON');
    expect(read({ kind: 'array', elementType: { kind: 'json' } }, '["1e999",null]', 'json')).toEqual(['1e999', 'null']);
  });

  it.each([
    [{ kind: 'int', bitSize: 64 }, 'int'],
    [{ kind: 'boolean' }, 'bool'],
    [{ kind: 'float', bitSize: 64 }, 'float'],
    [{ kind: 'decimal', precision: 3 }, 'decimal.Decimal'],
    [{ kind: 'datetime' }, 'datetime.datetime'],
    [{ kind: 'date' }, 'datetime.date'],
    [{ kind: 'time' }, 'datetime.time'],
    [{ kind: 'year' }, 'int'],
    [{ kind: 'uuid' }, 'uuid.UUID'],
    [{ kind: 'ip' }, 'str'],
    [{ kind: 'array', elementType: { kind: 'map', elementType: { kind: 'uuid' } } }, 'list[dict[str, uuid.UUID]]'],
    [objectOf(propertyOf('y', { kind: 'string' })), 'dict'],
  ] as const)('is refused in words of Python where it is no %o', (type: Type, name) => {
    expect(read(type, '[false]', 'json')).toMatch(
      `is not of type «${type.kind === 'array' ? 'dict[str, uuid.UUID]' : name}»`,
    );
    expect(read(type, '{"y":false}', 'json')).toMatch(
      type.kind === 'object' ? 'of type «str»' : `is not of type «${name}»`,
    );
  });
});
