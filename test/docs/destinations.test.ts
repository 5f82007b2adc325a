import { connectors } from '@penstock/connectors';
import { describe, expect, it } from 'vitest';
import { section, tableRows, unquote } from './support/documents.js';
import { documentedSettings, isOnlyDestination, settingsOf } from './support/settings-tables.js';

const DOCUMENT = 'docs/destinations.md';

const all = [...connectors.values()];
const destinations = all.filter((connector) => !('roles' in connector) || connector.roles.includes('Destination'));
const formats = all.flatMap((connector) => (connector.type === 'File' ? [connector] : []));

describe('docs/destinations.md', () => {
  it('has all connectors that can be written to, with their types', () => {
    const documented = tableRows(section(DOCUMENT, 'Destinations')).map(([code = '', type]) => [unquote(code), type]);
    const actual = destinations.map(({ code, type }) => [code, type]);
    expect(documented.toSorted()).toEqual(actual.toSorted());
  });

  it.each(destinations.filter(isOnlyDestination).map((connector) => [connector.code, connector] as const))(
    'has the settings of %s, which is no source, as the API describes them',
    (_code, { label, settingsSchema }) => {
      expect(documentedSettings(DOCUMENT, label)).toEqual(settingsOf(settingsSchema));
    },
  );

  it.each(formats.map((format) => [format.code, format] as const))(
    'has the settings with which %s is written',
    (_code, { label, writeSettingsSchema }) => {
      expect(documentedSettings(DOCUMENT, label)).toEqual(settingsOf(writeSettingsSchema));
    },
  );
});
