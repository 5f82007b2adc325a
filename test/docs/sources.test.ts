import { connectors } from '@penstock/connectors';
import { describe, expect, it } from 'vitest';
import { section, tableRows, unquote } from './support/documents.js';
import { documentedSettings, isOnlyDestination, settingsOf } from './support/settings-tables.js';

const DOCUMENT = 'docs/sources.md';

const sources = [...connectors.values()].filter((connector) => !isOnlyDestination(connector));

describe('docs/sources.md', () => {
  it('has all connectors that can be read, with their types', () => {
    const documented = tableRows(section(DOCUMENT, 'Sources')).map(([code = '', type]) => [unquote(code), type]);
    const actual = sources.map(({ code, type }) => [code, type]);
    expect(documented.toSorted()).toEqual(actual.toSorted());
  });

  it.each(sources.map((connector) => [connector.code, connector] as const))(
    'has the settings of %s as the API describes them',
    (_code, { label, settingsSchema }) => {
      expect(documentedSettings(DOCUMENT, label)).toEqual(settingsOf(settingsSchema));
    },
  );
});
