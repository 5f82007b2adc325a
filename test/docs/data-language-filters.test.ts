import { FILTER_OPERATORS, type FilterUse, KINDS, parseFilter, parseType, type Type } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { accepts } from './support/accepts.js';
import { codeBlocks, inlineCode, section } from './support/documents.js';
import { IN_SCHEMA, LANGUAGE_DOCUMENT } from './support/language-examples.js';
import { readText } from './support/repository.js';
import { rowsUnder, tablesOf } from './support/tables.js';
import { bareType } from './support/type-notation.js';

const text = readText(LANGUAGE_DOCUMENT);

/** How many values the words of the document mean. */
const COUNTS: Readonly<Record<string, readonly number[]>> = { none: [0], '1': [1], '2': [2], '1 or more': [1, 2, 3] };

const counts = new Map(
  rowsUnder(text, 'Operators', ['Operators', 'Values', 'Hold when the value']).flatMap(([operators = '', count = '']) =>
    inlineCode(operators).map((operator) => [operator, COUNTS[count] ?? []] as const),
  ),
);

const matrix = tablesOf(text).find(({ heading, head }) => heading === 'Operators' && head[1] === 'string');

/** A value of each kind that any condition accepts; of kinds without one, a text. */
const examples = rowsUnder(text, 'Values of conditions', ['Kind', 'Value', 'Examples']).flatMap(
  ([kinds = '', , values = '']) =>
    inlineCode(kinds).map((kind) => ({ kind, values: inlineCode(values).map(unquoteJson) })),
);

function unquoteJson(json: string): string {
  return JSON.parse(json) as string;
}

const FLAGS = { nullable: true, readOptional: true };

interface Use {
  readonly type: Type;
  readonly values?: readonly string[];
  readonly flags?: object;
  readonly use?: FilterUse;
}

/** Whether an operator can be used with a property; one that is nullable and readOptional unless the flags say otherwise. */
function isAccepted(operator: string, { type, values, flags = FLAGS, use = 'import' }: Use): boolean {
  const [count = 0] = counts.get(operator) ?? [];
  const [example = 'a'] = examples.find(({ kind }) => kind === type.kind)?.values ?? [];
  const given = values ?? Array.from({ length: count }, () => (type.kind === 'string' ? 'a' : example));
  const condition = { property: 'p', operator, ...(given.length === 0 ? {} : { values: given }) };
  const schema = { kind: 'object', properties: [{ name: 'p', type, description: '', ...flags }] } as const;
  return accepts(() => parseFilter({ logical: 'and', conditions: [condition] }, schema, use));
}

function typesOf(column: string): Type[] {
  if (column === 'string with values') return [parseType({ kind: 'string', values: ['a', ''] })];
  return column.split(', ').map((kind) => parseType(bareType(kind)));
}

describe('the operators', () => {
  it('are the operators that there are, in both tables', () => {
    const ofMatrix = (matrix?.rows ?? []).flatMap(([operators = '']) => inlineCode(operators));
    expect([...counts.keys()].toSorted()).toEqual([...FILTER_OPERATORS].toSorted());
    expect(ofMatrix.toSorted()).toEqual([...FILTER_OPERATORS].toSorted());
  });

  it.each([...counts])('%s takes as many values as is said', (operator, expected) => {
    const type: Type = { kind: 'json' };
    const accepted = [0, 1, 2, 3].filter((count) => isAccepted(operator, { type, values: Array(count).fill('a') }));
    expect(accepted).toEqual(expected);
  });

  it('can be used with the kinds that are ticked, and with no others', () => {
    const [, ...columns] = matrix?.head ?? [];
    expect(new Set(columns.flatMap(typesOf).map(({ kind }) => kind))).toEqual(new Set(KINDS));
    for (const [operators = '', ...ticks] of matrix?.rows ?? []) {
      for (const operator of inlineCode(operators)) {
        for (const [index, tick] of ticks.entries()) {
          const accepted = typesOf(columns[index] ?? '').map((type) => isAccepted(operator, { type }));
          expect(new Set(accepted), `${operator} with ${columns[index]}`).toEqual(new Set([tick === '✓']));
        }
      }
    }
  });

  it('have the exceptions that are listed', () => {
    const string: Type = { kind: 'string' };
    expect(isAccepted('is null', { type: string, flags: { readOptional: true } })).toBe(false);
    expect(isAccepted('is null', { type: { kind: 'json' }, flags: {} })).toBe(true);
    expect(isAccepted('exists', { type: string, flags: { nullable: true } })).toBe(false);
    expect(isAccepted('is empty', { type: { kind: 'string', values: ['a'] } })).toBe(false);
    const object = parseType(bareType('object'));
    expect(isAccepted('is empty', { type: object, use: 'events' })).toBe(false);
    expect(isAccepted('is empty', { type: object, use: 'export' })).toBe(false);
    expect(isAccepted('is', { type: { kind: 'json' }, use: 'events' })).toBe(true);
    expect(isAccepted('is', { type: { kind: 'json' }, use: 'export' })).toBe(false);
  });

  it('look for the elements that are said to be comparable', () => {
    const [, named = ''] = /`contains` on an array needs elements other than (.*)\./.exec(text) ?? [];
    const refused = KINDS.filter((kind) => {
      const [example = 'a'] = examples.find((other) => other.kind === kind)?.values ?? [];
      const type: Type = { kind: 'array', elementType: parseType(bareType(kind)) };
      return !isAccepted('contains', { type, values: [example] });
    });
    expect(inlineCode(named).toSorted()).toEqual(refused.toSorted());
  });
});

describe('the values of conditions', () => {
  it('have examples for every kind that is compared', () => {
    const compared = KINDS.filter((kind) => isAccepted('is', { type: parseType(bareType(kind)) }));
    expect(examples.map(({ kind }) => kind).toSorted()).toEqual(compared.toSorted());
  });

  it.each(examples)('$kind: every example is accepted', ({ kind, values }) => {
    const type = parseType(bareType(kind));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((value) => !isAccepted('is', { type, values: [value] }))).toEqual([]);
    expect(isAccepted('is', { type, values: [''] })).toBe(false);
  });
});

it('the filter that is shown first is one for the example schema', () => {
  const [block] = codeBlocks(section(LANGUAGE_DOCUMENT, 'Filters'));
  const filter = parseFilter(JSON.parse(block?.text ?? ''), IN_SCHEMA, 'import');
  expect(filter.inPaths).toEqual(['age', 'data']);
});
