import type { ReadFrom, Source } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import type { ApplicationAccess } from '../application-access.js';
import { readProperties, readUpdateTime, type UserProperty } from '../user-columns.js';
import { type ListedUser, type UsersPage, UsersReader } from '../users-reader.js';
import { contactProperties } from './contact-properties.js';
import { HubSpotApi } from './hubspot-api.js';
import { propertyRaw } from './property-text.js';
import { type ContactFilter, type FoundContact, searchContacts } from './search-contacts.js';
import type { HubSpotSettings } from './settings.js';

const UPDATED_AT = 'lastmodifieddate';

/** The contacts of an account. */
export function contactSource(settings: HubSpotSettings, expected: ObjectType, access: ApplicationAccess): Source {
  return {
    open: async (from, signal) => {
      const api = new HubSpotApi(settings, { side: 'source', access, signal });
      try {
        const properties = readProperties(expected, await contactProperties(api, 'Source'));
        return new UsersReader({
          pages: readContacts(api, properties, from),
          properties,
          from,
          close: async () => await api.close(),
        });
      } catch (error) {
        await api.close();
        throw error;
      }
    },
  };
}

async function* readContacts(
  api: HubSpotApi,
  properties: readonly UserProperty[],
  from: ReadFrom | null,
): AsyncGenerator<UsersPage> {
  const names = [...new Set([UPDATED_AT, ...properties.map(({ name }) => name)])];
  const types = new Map(properties.map(({ name, type }) => [name, type]));
  const userOf = ({ id, properties: values }: FoundContact): ListedUser => ({
    id,
    updatedAt: readUpdateTime(values[UPDATED_AT] ?? undefined),
    member: (name) => {
      const type = types.get(name);
      return type === undefined ? undefined : propertyRaw(type, values[name]);
    },
  });
  for await (const page of searchContacts(api, { properties: names, filters: updatedSince(from) })) {
    yield { users: page.map(userOf) };
  }
}

function updatedSince(from: ReadFrom | null): ContactFilter[] {
  if (from === null) return [];
  const [date = '', time = '00:00:00'] = from.updatedAt.split(' ');
  // Fractions beyond milliseconds are cut: a little earlier leaves nobody out.
  const milliseconds = Date.parse(`${date}T${time.slice(0, '00:00:00.000'.length)}Z`);
  return [{ propertyName: UPDATED_AT, operator: 'GTE', value: String(milliseconds) }];
}
