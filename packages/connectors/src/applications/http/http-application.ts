import type { ApplicationDestination } from '@penstock/engine';
import { parseSchema } from '@penstock/language';
import { defineApplication } from '../../connector.js';
import type { ApplicationAccess } from '../application-access.js';
import { checkColumns } from '../destination-drift.js';
import { addressOf, connectApplication } from './connect.js';
import { httpSource } from './http-source.js';
import { HttpWriter } from './http-writer.js';
import { fetchPage, firstPage } from './list-users.js';
import { type ApplicationSettings, applicationSettings } from './settings.js';

/** Any application that has users behind HTTP and JSON, or takes them as webhooks. */
export const httpApplication = defineApplication({
  code: 'http-application',
  label: 'HTTP application',
  settingsSchema: applicationSettings,
  roles: ['Source', 'Destination'],
  userSchema: async (settings) => parseSchema(settings.schema),
  openSource: httpSource,
  openDestination: httpDestination,
  test: testApplication,
});

function httpDestination(settings: ApplicationSettings, access: ApplicationAccess): ApplicationDestination {
  return {
    open: async ({ columns }, signal) => {
      checkColumns(columns, parseSchema(settings.schema), 'the schema of the connection');
      return new HttpWriter(settings, connectApplication(settings, { side: 'destination', access, signal }), columns);
    },
  };
}

/** Reads the first page where users are listed; otherwise asks for the address itself, whatever is there. */
async function testApplication(
  settings: ApplicationSettings,
  access: ApplicationAccess,
  signal: AbortSignal,
): Promise<void> {
  const side = 'source';
  const application = connectApplication(settings, { side, access, signal });
  const { client, limit, headers } = application;
  const { list } = settings;
  try {
    if (list !== undefined) {
      await fetchPage(application, { list, side }, firstPage({ settings, list, side, from: null }));
      return;
    }
    const url = addressOf(settings, '');
    await client.send({ method: 'HEAD', url, label: 'HEAD baseUrl', limit, headers, canRepeat: true });
  } finally {
    await client.close();
  }
}
