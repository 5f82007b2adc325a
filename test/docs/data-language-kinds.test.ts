import { isConvertible, KINDS, parseType, type Type, toDataJson } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { accepts } from './support/accepts.js';
import { inlineCode, unquote } from './support/documents.js';
import { LANGUAGE_DOCUMENT, readValue } from './support/language-examples.js';
import { readText } from './support/repository.js';
import { rowsUnder, tablesOf } from './support/tables.js';
import { bareType, REQUIRED_PARAMETERS, readType } from './support/type-notation.js';

const text = readText(LANGUAGE_DOCUMENT);

/** A value of every parameter, under which it is accepted wherever it belongs. */
const PARAMETERS: Readonly<Record<string, unknown>> = {
  ...{ maxBytes: 1, maxLength: 1, pattern: 'a', values: ['a'], bitSize: 32, unsigned: true, real: true },
  ...{ minimum: 1, maximum: 1, precision: 5, scale: 1, minElements: 1, maxElements: 1, uniqueElements: true },
  ...{ elementType: { kind: 'string' }, properties: [{ name: 'a', type: { kind: 'string' } }] },
};

/** Types of the kinds that have parameters, as their examples need them. */
const NOTATIONS: Readonly<Record<string, string>> = {
  ...{ int: 'int(32)', float: 'float(64)', decimal: 'decimal(10,2)', array: 'array(string)', map: 'map(string)' },
  object: 'object(city: string)',
};

describe('the kinds', () => {
  const rows = rowsUnder(text, 'Kinds', ['Kind', 'Values', 'Parameters']).map(([kind = '', , parameters = '']) => ({
    kind: unquote(kind),
    parameters: inlineCode(parameters),
    required: [...parameters.matchAll(/`(\w+)` \(required\)/g)].map(([, name = '']) => name),
  }));

  it('are the kinds that there are', () => {
    expect(rows.map(({ kind }) => kind)).toEqual(KINDS);
    expect(new Set(rows.flatMap(({ parameters }) => parameters))).toEqual(new Set(Object.keys(PARAMETERS)));
  });

  it.each(rows)('$kind has the parameters that it accepts, and no other', ({ kind, parameters }) => {
    const accepted = Object.entries(PARAMETERS).filter(([name, value]) =>
      accepts(() => parseType({ ...bareType(kind), [name]: value })),
    );
    expect(parameters.toSorted()).toEqual(accepted.map(([name]) => name).toSorted());
  });

  it.each(rows)('$kind requires what is said to be required, and no more', ({ kind, required }) => {
    expect(accepts(() => parseType(bareType(kind)))).toBe(true);
    expect(required).toEqual(Object.keys(REQUIRED_PARAMETERS[kind] ?? {}));
    for (const name of required) {
      const { [name]: _left, ...rest } = bareType(kind);
      expect(accepts(() => parseType(rest))).toBe(false);
    }
  });

  it('of which the elements of an array cannot be unique are named', () => {
    const [, named = ''] = /`uniqueElements` cannot be said of elements of kind (.*)\./.exec(text) ?? [];
    const refused = KINDS.filter((kind) => {
      const array = { kind: 'array', elementType: bareType(kind), uniqueElements: true };
      return !accepts(() => parseType(array));
    });
    expect(inlineCode(named).toSorted()).toEqual(refused.toSorted());
  });

  it('have each an example in JSON that is read, and shown as it stands', () => {
    const examples = rowsUnder(text, 'Values in JSON', ['Kind', 'In JSON', 'Example']);
    expect(examples.map(([kind = '']) => unquote(kind))).toEqual(KINDS);
    for (const [kind = '', , example = ''] of examples) {
      const type = readType(NOTATIONS[unquote(kind)] ?? kind.replaceAll('`', ''));
      const data: unknown = JSON.parse(unquote(example));
      expect(toDataJson(type, readValue(type, data)), kind).toEqual(data);
    }
  });

  it.each(['JavaScript', 'Python', 'Values from sources', 'How values convert'])(
    'are all in the table "%s"',
    (heading) => {
      const table = tablesOf(text).find((other) => other.heading === heading);
      const kinds = new Set((table?.rows ?? []).map(([cell = '']) => inlineCode(cell)[0]));
      expect([...kinds].toSorted()).toEqual([...KINDS].toSorted());
    },
  );
});

it('the keys of a property are those that there are', () => {
  const source = readText('packages/language/src/types/parse-composite-types.ts');
  const [, list = ''] = /PROPERTY_KEYS[^=]*= \[([^\]]*)\]/.exec(source) ?? [];
  const keys = [...list.matchAll(/'(\w+)'/g)].map(([, key]) => key);
  const documented = rowsUnder(text, 'Properties', ['Key', 'Value']).map(([key = '']) => unquote(key));
  expect(keys.length).toBeGreaterThan(0);
  expect(documented.toSorted()).toEqual(keys.toSorted());
});

describe('the kinds that convert', () => {
  const rows = rowsUnder(text, 'Which kinds convert', ['From', 'To']).map(([from = '', to = '']) => ({
    from: unquote(from),
    to: inlineCode(to),
  }));

  /** Types of a kind that differ in what they convert to. Those of composite kinds hold texts, which convert to themselves. */
  function typesOf(kind: string): Type[] {
    if (kind === 'int') return [8, 16, 24, 32, 64].map((bitSize) => parseType({ kind, bitSize }));
    return [kind.includes('(') ? readType(kind) : parseType(bareType(kind))];
  }

  it('are all there', () => {
    expect(rows.map(({ from }) => from).filter((from) => from !== 'int(8)')).toEqual(KINDS);
  });

  it.each(rows)('$from', ({ from, to }) => {
    const sources = typesOf(from).filter((type) => from === 'int(8)' || type.kind !== 'int' || type.bitSize !== 8);
    for (const source of sources) {
      for (const target of KINDS.flatMap(typesOf)) {
        const isListed =
          to.includes(target.kind) || (target.kind === 'int' && target.bitSize === 8 && to.includes('int(8)'));
        expect(isConvertible(source, target), JSON.stringify([source, target])).toBe(isListed);
      }
    }
  });
});
