import {
  compileFunction,
  compileMapping,
  compilePattern,
  compileTimeFormat,
  fromDataJson,
  type ObjectType,
  parseDecimal,
  parseFilter,
  parseType,
  ValueFailure,
} from '@penstock/language';
import { commonEnvironment } from '@penstock/shared/platform';
import { accepts } from './accepts.js';
import { functionOutcomes } from './function-examples.js';
import { IN_SCHEMA, OUT_SCHEMA, violationsOf } from './language-examples.js';

/** Whether something of the given size is accepted. */
export type Accepts = (size: number) => boolean | Promise<boolean>;

const STRING = { kind: 'string' };

/** How each limit of the document is tried, by its text there. */
export const LIMITS: ReadonlyMap<string, Accepts> = new Map<string, Accepts>([
  [
    'Digits of the fraction of a second',
    (size) => isValue(fromDataJson({ kind: 'time' }, `10:20:30.${'1'.repeat(size)}`)),
  ],
  [
    'Greatest maxBytes and maxLength',
    (maxBytes) => accepts(() => parseType({ ...STRING, maxBytes, maxLength: maxBytes })),
  ],
  ['Greatest precision', (precision) => accepts(() => parseType({ kind: 'decimal', precision }))],
  ['Greatest scale', (scale) => accepts(() => parseType({ kind: 'decimal', precision: 76, scale }))],
  [
    'Greatest maxElements',
    (maxElements) => accepts(() => parseType({ kind: 'array', elementType: STRING, maxElements })),
  ],
  [
    'Characters of the name of a property',
    (size) =>
      accepts(() =>
        parseType({ kind: 'object', properties: [{ name: 'n'.repeat(size), type: STRING, description: '' }] }),
      ),
  ],
  ['Types nested in each other', (size) => accepts(() => parseType(nestedType(size)))],
  ['Repetitions in a pattern', (size) => accepts(() => compilePattern(`a{${size}}`))],
  ['Groups nested in a pattern', (size) => accepts(() => compilePattern(`${'('.repeat(size)}a${')'.repeat(size)}`))],
  ['Conditions of a filter', (size) => acceptsFilter(size, 1, 'a')],
  ['Values of a condition', (size) => acceptsFilter(1, size, 'a')],
  ["Characters of a condition's value", (size) => acceptsFilter(1, 1, '😀'.repeat(size))],
  ['Characters of an expression', (size) => violationsOf(`'${'😀'.repeat(size - 2)}'`).length === 0],
  [
    'Characters of all expressions of a mapping',
    (size) => acceptsMapping([10_000, 10_000, 10_000, 10_000, 9_000, size - 49_000]),
  ],
  ['Characters of a text that an expression makes', makesText],
  [
    'Calls nested in an expression',
    (size) => violationsOf(`${'lower('.repeat(size)}name${')'.repeat(size)}`).length === 0,
  ],
  ['Errors reported of one expression', (size) => violationsOf('unknown '.repeat(size)).length === size],
  ['Digits that a decimal may have when it is written out', (size) => parseDecimal(`1e${size - 1}`) !== undefined],
  ["Characters of a function's source", (size) => acceptsSource('x'.repeat(size))],
  ['Paths in inPaths and in outPaths of a function', acceptsPaths],
  ["Characters of the message of a function's error", keepsMessage],
  ['Milliseconds of a function for a batch (default)', (size) => size <= defaultOf('FUNCTION_TIMEOUT_MS')],
  ["Megabytes of a function's memory (default)", (size) => size <= defaultOf('FUNCTION_MEMORY_MB')],
  ['Characters of a time format', (size) => accepts(() => compileTimeFormat(`%Y${'x'.repeat(size - 2)}`))],
  [
    'Characters of a text that is read as a time',
    (size) => compileTimeFormat('Excel').parse('45351.'.padEnd(size, '0')) !== undefined,
  ],
]);

function isValue(value: unknown): boolean {
  return !(value instanceof ValueFailure);
}

function nestedType(depth: number): object {
  return depth === 0 ? STRING : { kind: 'array', elementType: nestedType(depth - 1) };
}

function acceptsFilter(conditions: number, values: number, value: string): boolean {
  const condition = { property: 'name', operator: 'is one of', values: Array.from({ length: values }, () => value) };
  const filter = { logical: 'or', conditions: Array.from({ length: conditions }, () => condition) };
  return accepts(() => parseFilter(filter, IN_SCHEMA, 'import'));
}

/** A mapping of expressions of these lengths. */
function acceptsMapping(lengths: readonly number[]): boolean {
  const names = lengths.map((_, index) => `p${index}`);
  const mapping = Object.fromEntries(names.map((name, index) => [name, `'${'😀'.repeat((lengths[index] ?? 0) - 2)}'`]));
  return accepts(() => compileMapping(mapping, IN_SCHEMA, schemaOf(names)));
}

function makesText(size: number): boolean {
  const schema = schemaOf(['text']);
  const mapping = compileMapping({ text: "text 'x'" }, schema, schema);
  return isValue(mapping.evaluate(['x'.repeat(size - 1)], []) ?? null);
}

function acceptsPaths(size: number): boolean {
  const names = Array.from({ length: size }, (_, index) => `p${index}`);
  const schema = schemaOf(names);
  const definition = { language: 'JavaScript', source: 'x', preserveJSON: false } as const;
  const tries = [
    { inPaths: names, outPaths: ['p0'] },
    { inPaths: ['p0'], outPaths: names },
  ].map((paths) => accepts(() => compileFunction({ ...definition, ...paths }, schema, schema)));
  if (tries[0] !== tries[1]) throw new Error('the limits of inPaths and outPaths differ');
  return tries[0] === true;
}

/** A schema of texts. */
function schemaOf(names: readonly string[]): ObjectType {
  const properties = names.map((name) => ({
    name,
    type: { kind: 'string' } as const,
    nullable: true,
    description: '',
  }));
  return { kind: 'object', properties };
}

function acceptsSource(source: string): boolean {
  const definition = {
    language: 'JavaScript',
    source,
    preserveJSON: false,
    inPaths: ['name'],
    outPaths: ['text'],
  } as const;
  return accepts(() => compileFunction(definition, IN_SCHEMA, OUT_SCHEMA));
}

/** Whether a message of this length is shown as a whole. */
async function keepsMessage(size: number): Promise<boolean> {
  const start = 'JavaScript: Error: ';
  const source = `function transform() { throw new Error('x'.repeat(${size - start.length})); }`;
  const [outcome = ''] = await functionOutcomes({
    ...{ language: 'JavaScript', source, preserveJSON: false, inPaths: ['name'], outPaths: ['text'] },
    ...{ records: ['{}'], outcomes: [] },
  });
  return outcome.length === 'fails at Transformation: '.length + size;
}

function defaultOf(variable: 'FUNCTION_TIMEOUT_MS' | 'FUNCTION_MEMORY_MB'): number {
  return commonEnvironment[variable].parse(undefined);
}
