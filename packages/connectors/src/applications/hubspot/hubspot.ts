import type { ConnectionRole } from '@penstock/domain';
import type { ApplicationDestination } from '@penstock/engine';
import { defineApplication } from '../../connector.js';
import type { ApplicationAccess } from '../application-access.js';
import { checkColumns } from '../destination-drift.js';
import { contactProperties } from './contact-properties.js';
import { contactSource } from './contact-source.js';
import { ContactWriter } from './contact-writer.js';
import { type ApiOptions, HubSpotApi } from './hubspot-api.js';
import { type HubSpotSettings, hubspotSettings } from './settings.js';

/** Contacts of HubSpot, by its CRM API v3. */
export const hubspot = defineApplication({
  code: 'hubspot',
  label: 'HubSpot',
  settingsSchema: hubspotSettings,
  roles: ['Source', 'Destination'],
  userSchema: async (settings, role, access, signal) => {
    const side = role === 'Source' ? 'source' : 'destination';
    return await withApi(settings, { side, access, signal }, async (api) => await contactProperties(api, role));
  },
  openSource: contactSource,
  openDestination: contactDestination,
  test: async (settings, access, signal) => {
    await withApi(settings, { side: 'source', access, signal }, async (api) => {
      await api.read({ method: 'GET', path: '/crm/v3/objects/contacts?limit=1', canRepeat: true });
    });
  },
});

function contactDestination(settings: HubSpotSettings, access: ApplicationAccess): ApplicationDestination {
  return {
    open: async ({ columns }, signal) => {
      const role: ConnectionRole = 'Destination';
      const api = new HubSpotApi(settings, { side: 'destination', access, signal });
      try {
        checkColumns(columns, await contactProperties(api, role), 'HubSpot');
        return new ContactWriter(api, columns);
      } catch (error) {
        await api.close();
        throw error;
      }
    },
  };
}

async function withApi<T>(
  settings: HubSpotSettings,
  options: ApiOptions,
  work: (api: HubSpotApi) => Promise<T>,
): Promise<T> {
  const api = new HubSpotApi(settings, options);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}
