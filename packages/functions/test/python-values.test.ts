import { compileFunction, type ObjectType, type Value } from '@penstock/language';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { canonicalValue, typeArbitrary } from '../../language/test/arbitraries.js';
import type { FunctionSandbox } from '../src/index.js';
import { openPython, runRows } from './python-support.js';
import { schemaOf } from './support.js';

const open: FunctionSandbox[] = [];
afterAll(() => Promise.all(open.map((sandbox) => sandbox.close())));

/** What a function gives for rows of a schema, by the order of the schema. */
async function through(source: string, schema: ObjectType, rows: readonly (readonly Value[])[], preserveJSON = false) {
  const paths = schema.properties.map(({ name }) => name);
  const definition = { language: 'Python', source, preserveJSON, inPaths: paths, outPaths: paths } as const;
  const compiled = compileFunction(definition, schema, schema);
  const sandbox = openPython(compiled);
  open.push(sandbox);
  const outcomes = await runRows(compiled, rows, sandbox);
  const order = paths.map((path) => compiled.outPaths.indexOf(path));
  return outcomes.map((outcome) => (Array.isArray(outcome) ? order.map((index) => outcome[index]) : outcome));
}

const CLOCK = /^((?:\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}:\d{2})\.(\d{1,9})$/;

/** JSON loses the sign of zero; Python has no digits below the microsecond; objects of canonical values inherit nothing. */
function expected(value: Value): unknown {
  if (typeof value === 'string') {
    return value.replace(CLOCK, (_, clock: string, digits: string) => {
      const kept = digits.slice(0, 6).replace(/0+$/, '');
      return kept === '' ? clock : `${clock}.${kept}`;
    });
  }
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  if (Array.isArray(value)) return value.map(expected);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expected(item)]));
}

test('values of any kind come back from the function that changes nothing as they went in', async () => {
  const schemas = fc.array(typeArbitrary, { minLength: 150, maxLength: 200 }).map(
    (types): ObjectType => ({
      kind: 'object',
      properties: types.map((type, index) => ({ name: `p${index}`, type, nullable: true, description: '' })),
    }),
  );
  const cases = schemas.chain((schema) => {
    const row = fc.tuple(...schema.properties.map(({ type }) => fc.option(canonicalValue(type), { nil: null })));
    return fc.array(row, { minLength: 20, maxLength: 30 }).map((rows) => ({ schema, rows }));
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ schema, rows }) => {
      const outcomes = await through('def transform(record): return record', schema, rows, true);
      expect(outcomes).toEqual(rows.map((row) => row.map(expected)));
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 60_000);

test('a function that reads all kinds answers no records with none', async () => {
  const schema = schemaOf({
    ...{ a: { kind: 'int', bitSize: 64 }, b: { kind: 'float', bitSize: 64 }, c: { kind: 'decimal', precision: 9 } },
    ...{ d: { kind: 'datetime' }, e: { kind: 'date' }, f: { kind: 'time' }, g: { kind: 'uuid' }, h: { kind: 'json' } },
    ...{ i: { kind: 'array', elementType: { kind: 'date' } }, j: { kind: 'string' }, k: { kind: 'boolean' } },
  });
  expect(await through('def transform(record): return record', schema, [])).toEqual([]);
});

test('a function gets values of the types of the language', async () => {
  const kinds = {
    a: { kind: 'boolean' },
    b: { kind: 'int', bitSize: 32 },
    c: { kind: 'int', bitSize: 64, unsigned: true },
    d: { kind: 'float', bitSize: 64 },
    e: { kind: 'decimal', precision: 6, scale: 2 },
    f: { kind: 'datetime' },
    g: { kind: 'date' },
    h: { kind: 'time' },
    i: { kind: 'uuid' },
    j: { kind: 'json' },
    k: { kind: 'array', elementType: { kind: 'date' } },
    l: { kind: 'map', elementType: { kind: 'int', bitSize: 64 } },
  } as const;
  const schema: ObjectType = {
    kind: 'object',
    properties: [
      ...schemaOf(kinds).properties,
      { name: 'z', type: { kind: 'string' }, readOptional: true, description: '' },
    ],
  };
  const source = `import sys
def transform(record):
    raise Exception(sys.modules["builtins"].repr(list(record.values())).replace("datetime.", ""))`;
  const uuid = '0190a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b';
  const row: Value[] = [true, 5, '18446744073709551615', 5, '12.50', '2024-02-29 10:20:30.123456789', '1815-12-10'];
  row.push('10:20:30.5', uuid, ' {"a": [12345678901234567890, 1.0, null]}', ['2024-01-01'], { x: '5' }, null);
  const nested = row.with(9, '['.repeat(20_000) + ']'.repeat(20_000));
  const wide = row.with(9, `[${'"]", [], '.repeat(20_000)}1]`);
  const outcomes = await through(source, schema, [row, nested, wide]);
  expect(outcomes).toEqual([
    `FunctionThrew: Python: Exception: [True, 5, 18446744073709551615, 5.0, Decimal('12.50'), datetime(2024, 2, 29, 10, 20, 30, 123456), date(1815, 12, 10), time(10, 20, 30, 500000), UUID('${uuid}'), {'a': [12345678901234567890, 1.0, None]}, [date(2024, 1, 1)], {'x': 5}]`.slice(
      0,
      'FunctionThrew: '.length + 300,
    ),
    'FunctionThrew: Python: RecursionError: JSON is nested too deeply',
    expect.stringMatching(/^FunctionThrew: Python: Exception: \[True/),
  ]);
}, 60_000);
