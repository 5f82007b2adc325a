import { compileFunction, type ObjectType, type Value } from '@penstock/language';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { canonicalValue, typeArbitrary } from '../../language/test/arbitraries.js';
import { createFunctionSandboxes, type FunctionSandbox } from '../src/index.js';
import { never, PATIENT } from './support.js';

const SOURCE = 'const transform = (record) => record';
const sandboxes = createFunctionSandboxes({ languages: ['JavaScript'], limits: PATIENT });
const open = new Set<FunctionSandbox>();

afterAll(() => Promise.all([...open].map((sandbox) => sandbox.close())));

/** JSON loses the sign of zero, and objects of canonical values inherit nothing. */
function plain(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [`.${key}`, plain(item)]));
}

/** The rows as they come back from the function that changes nothing. */
async function throughIdentity(schema: ObjectType, rows: readonly Value[][]): Promise<readonly unknown[]> {
  const paths = schema.properties.map((property) => property.name);
  const definition = {
    language: 'JavaScript',
    source: SOURCE,
    preserveJSON: true,
    inPaths: paths,
    outPaths: paths,
  } as const;
  const compiled = compileFunction(definition, schema, schema);
  const sandbox = sandboxes.open(compiled.program);
  open.add(sandbox);
  const outcomes = compiled.decodeBatch(await sandbox.run(compiled.encodeBatch(rows), never), rows.length);
  await sandbox.close();
  open.delete(sandbox);
  const order = compiled.outPaths.map((path) => paths.indexOf(path));
  return outcomes.map((outcome) =>
    Array.isArray(outcome) ? paths.map((_, index) => plain(outcome[order.indexOf(index)] ?? null)) : outcome,
  );
}

test('values of any kind come back from the function that changes nothing as they went in', async () => {
  const schemas = fc.array(typeArbitrary, { minLength: 20, maxLength: 30 }).map(
    (types): ObjectType => ({
      kind: 'object',
      properties: types.map((type, index) => ({ name: `p${index}`, type, nullable: true, description: '' })),
    }),
  );
  const cases = schemas.chain((schema) => {
    const row = fc.tuple(...schema.properties.map(({ type }) => fc.option(canonicalValue(type), { nil: null })));
    return fc.array(row, { minLength: 10, maxLength: 20 }).map((rows) => ({ schema, rows }));
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ schema, rows }) => {
      expect(await throughIdentity(schema, rows)).toEqual(rows.map((row) => row.map(plain)));
    }),
    { numRuns: 25, endOnFailure: true },
  );
});
