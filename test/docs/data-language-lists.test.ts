import {
  compileFilter,
  compileNormalisation,
  compileTimeFormat,
  fromDataJson,
  type ObjectType,
  parseFilter,
  parseType,
  type Type,
  timeFormatProblem,
  toDataJson,
  typeToJson,
  ValueFailure,
} from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { accepts } from './support/accepts.js';
import { inlineCode, unquote } from './support/documents.js';
import { LANGUAGE_DOCUMENT } from './support/language-examples.js';
import { LIMITS } from './support/language-limits.js';
import { productSources, readText } from './support/repository.js';
import { rowsUnder, rowsWithHead, tablesOf } from './support/tables.js';

const text = readText(LANGUAGE_DOCUMENT);

describe('the functions of mappings', () => {
  const source = readText('packages/language/src/expression-functions/function-table.ts');
  const [, entries = ''] = /Object\.entries\(\{([\s\S]*?)\}\)/.exec(source) ?? [];
  const names = [...entries.matchAll(/^\s+(\w+)/gm)].map(([, name = '']) => name);

  it('are those that there are', () => {
    const described = tablesOf(text).flatMap(({ head, rows }) => (head[0] === 'Function' ? rows : []));
    const documented = described.map(([call = '']) => unquote(call).replace(/\(.*/, ''));
    expect(documented.toSorted()).toEqual(names.toSorted());
    expect(text).toContain(`There are ${names.length}. Arguments`);
  });

  it.each(names)('%s has an example that gives a value', (name) => {
    const examples = rowsWithHead(text, ['Expression', 'Into', 'Record', 'Result']);
    const results = examples.filter(([expression = '']) => expression.includes(`${name}(`)).map((row) => row[3] ?? '');
    expect(results.filter((result) => result.startsWith('`'))).not.toEqual([]);
  });
});

describe('the directives of time formats', () => {
  const directives = rowsUnder(text, 'Update times', ['Directive', 'Means']).map(([directive = '']) =>
    unquote(directive),
  );

  it('are those that there are', () => {
    const [, supported = ''] = /supported are (.*)$/.exec(timeFormatProblem('%Q') ?? '') ?? [];
    expect(directives.toSorted()).toEqual(supported.split(' ').toSorted());
  });

  it.each(directives)('%s can be used', (directive) => {
    const format = directive === '%I' ? '%I %p' : directive === '%p' ? '%I %p' : directive;
    expect(accepts(() => compileTimeFormat(format))).toBe(true);
  });
});

describe('the codes of failures', () => {
  const sources = productSources().filter(
    (file) => /^packages\/(engine|language)\/src\//.test(file) && !file.includes('/data-json/'),
  );
  const PATTERNS = [
    /(?:#fail(?:Number)?|new Refusal|\bfailed)\(\s*'([A-Z]\w+)'/g,
    /new ValueFailure\(\s*'\w+',\s*'([A-Z]\w+)'/g,
    /\bcode: '([A-Z]\w+)'/g,
    /'(RequiredFor\w+)'/g,
  ];
  const ofFunctions = /RECORD_FAILURES = \[(.*)\]/.exec(readText('packages/language/src/functions/wire.ts'))?.[1] ?? '';
  const codes = new Set([
    ...[...ofFunctions.matchAll(/'(\w+)'/g)].map(([, code = '']) => code),
    ...sources.flatMap((file) =>
      PATTERNS.flatMap((pattern) => [...readText(file).matchAll(pattern)].map(([, code = '']) => code)),
    ),
  ]);

  it('are those of the code', () => {
    const documented = rowsUnder(text, 'Codes of failures', ['Code', 'Means']).flatMap(([cell = '']) =>
      inlineCode(cell),
    );
    expect(codes.size).toBeGreaterThan(30);
    expect(documented.toSorted()).toEqual([...codes].toSorted());
  });
});

describe('the limits', () => {
  const rows = rowsUnder(text, 'Limits', ['Limit', 'Value']).map(([limit = '', value = '']) => ({
    limit: limit.replaceAll('`', ''),
    value,
  }));
  const sizes = rows.filter(({ limit }) => LIMITS.has(limit));

  it('are all tried here', () => {
    expect(rows.map(({ limit }) => limit)).toEqual(['Years of date, datetime and year', ...LIMITS.keys()]);
  });

  it.each(sizes)('$limit: $value is accepted, and no more', async ({ limit, value }) => {
    const size = Number(value.replaceAll(',', ''));
    const isAccepted = LIMITS.get(limit);
    expect(await isAccepted?.(size)).toBe(true);
    expect(await isAccepted?.(size + 1)).toBe(false);
  });

  it('of years are those that values have', () => {
    const isValid = (type: Type, json: unknown) => !(fromDataJson(type, json) instanceof ValueFailure);
    expect(rows[0]?.value).toBe('1 to 9999');
    expect([0, 1, 9999, 10000].map((year) => isValid({ kind: 'year' }, year))).toEqual([false, true, true, false]);
    for (const kind of ['date', 'datetime'] as const) {
      expect(['0000-01-01', '0001-01-01', '9999-12-31'].map((json) => isValid({ kind }, json))).toEqual([
        false,
        true,
        true,
      ]);
    }
  });
});

it('the deliberate differences are numbered, and each says what is here', () => {
  const rows = rowsUnder(text, 'Deliberate differences', ['No.', 'About', 'As published', 'Here']);
  expect(rows.map(([number]) => number)).toEqual(rows.map((_, index) => String(index + 1)));
  expect(rows.flat().filter((cell) => cell === '')).toEqual([]);
});

/** Those that the tables of examples do not show. */
describe('the deliberate differences', () => {
  const pair = (maxElements: number): Type => ({ kind: 'array', elementType: { kind: 'boolean' }, maxElements });
  const isValid = (type: Type, json: unknown): boolean => !(fromDataJson(type, json) instanceof ValueFailure);

  it('3: the elements of arrays in data JSON are counted', () => {
    expect([1, 2].map((maximum) => isValid(pair(maximum), [true, false]))).toEqual([false, true]);
  });

  it('8: arrays of floats can be searched', () => {
    const type: Type = { kind: 'array', elementType: { kind: 'float', bitSize: 32 } };
    const schema: ObjectType = { kind: 'object', properties: [{ name: 'p', type, description: '' }] };
    const condition = { property: 'p', operator: 'contains', values: ['0.1'] };
    const filter = parseFilter({ logical: 'and', conditions: [condition] }, schema, 'import');
    expect([[Math.fround(0.1)], [0.2]].map((value) => compileFilter(filter, schema)([value]))).toEqual([true, false]);
  });

  it('13: maxBytes counts bytes', () => {
    expect([1, 2].map((maxBytes) => isValid({ kind: 'string', maxBytes }, 'é'))).toEqual([false, true]);
  });

  it('23: large bounds are shown', () => {
    const type = { kind: 'int', bitSize: 32, unsigned: true, maximum: 4_000_000_000 };
    expect(typeToJson(parseType(type))).toEqual(type);
    expect(typeToJson(parseType({ kind: 'string', maxLength: 4_294_967_295 }))).toMatchObject({
      maxLength: 4_294_967_295,
    });
  });

  it('29: texts that are repeated in values are refused', () => {
    expect(accepts(() => parseType({ kind: 'string', values: ['a', 'b'] }))).toBe(true);
    expect(accepts(() => parseType({ kind: 'string', values: ['a', 'a'] }))).toBe(false);
  });

  it('30: the empty text of a source becomes null where it is not allowed', () => {
    const type: Type = { kind: 'string', values: ['a'] };
    expect(compileNormalisation(type, { nullable: false })('')).toBe(null);
    expect(compileNormalisation(type, { nullable: false })(null)).toBeInstanceOf(ValueFailure);
  });

  it('32: line separators are shown as they are', () => {
    const type = { kind: 'string', values: ['\u2028', '\u2029'] };
    expect(JSON.parse(JSON.stringify(typeToJson(parseType(type))))).toEqual(type);
  });

  it('33: decimals in data JSON are text where a number would change them', () => {
    const type: Type = { kind: 'decimal', precision: 20, scale: 2 };
    expect(toDataJson(type, '12.50')).toBe(12.5);
    expect(toDataJson(type, '123456789012345678.91')).toBe('123456789012345678.91');
    expect([fromDataJson(type, 12.5), fromDataJson(type, '12.5')]).toEqual(['12.5', '12.5']);
  });
});
