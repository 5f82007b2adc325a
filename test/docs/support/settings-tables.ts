import type { Connector } from '@penstock/connectors';
import { z } from 'zod';
import { section, tableRows, unquote } from './documents.js';

interface SettingsSchema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown; readonly description?: string }>>;
  readonly required?: readonly string[];
}

/** The settings of a connector as the API describes them, as rows of a table. */
export function settingsOf(schema: z.ZodType): string[][] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as SettingsSchema;
  return Object.entries(properties).map(([name, { default: value, description = '' }]) => {
    const absent = required.includes(name) ? 'required' : 'none';
    return [name, value === undefined ? absent : JSON.stringify(value), description];
  });
}

/** The same as a section of a document has them. */
export function documentedSettings(document: string, heading: string): string[][] {
  return tableRows(section(document, heading)).map(([name = '', value = '', meaning = '']) => [
    unquote(name),
    value.startsWith('`') ? unquote(value) : value,
    meaning,
  ]);
}

/** Whether nothing can be read with a connector. */
export function isOnlyDestination(connector: Connector): boolean {
  return 'roles' in connector && !connector.roles.includes('Source');
}
