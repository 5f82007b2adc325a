import { connectors } from '@penstock/connectors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { section, tableRows, unquote } from './support/documents.js';

const DOCUMENT = 'docs/sources.md';

interface SettingsSchema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown; readonly description?: string }>>;
  readonly required?: readonly string[];
}

/** The settings of a connector as the API describes them, as rows of a table. */
function settingsOf(schema: z.ZodType): string[][] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as SettingsSchema;
  return Object.entries(properties).map(([name, { default: value, description = '' }]) => {
    const absent = required.includes(name) ? 'required' : 'none';
    return [name, value === undefined ? absent : JSON.stringify(value), description];
  });
}

describe('docs/sources.md', () => {
  it('has all connectors with their types', () => {
    const documented = tableRows(section(DOCUMENT, 'Sources')).map(([code = '', type]) => [unquote(code), type]);
    const actual = [...connectors.values()].map(({ code, type }) => [code, type]);
    expect(documented.toSorted()).toEqual(actual.toSorted());
  });

  it.each([...connectors.values()].map((connector) => [connector.code, connector] as const))(
    'has the settings of %s as the API describes them',
    (_code, { label, settingsSchema }) => {
      const documented = tableRows(section(DOCUMENT, label)).map(([name = '', value = '', meaning = '']) => [
        unquote(name),
        value.startsWith('`') ? unquote(value) : value,
        meaning,
      ]);
      expect(documented).toEqual(settingsOf(settingsSchema));
    },
  );
});
