import { z } from 'zod';
import { SECRET, settingText } from '../../settings.js';

const PUBLISHED = 'https://api.hubapi.com';

export const hubspotSettings = z.strictObject({
  accessToken: settingText(255)
    .regex(/^[\x21-\x7e]*$/, 'must be visible ASCII characters without blanks')
    .meta({
      description: 'Access token of a private app, with the scopes crm.objects.contacts and crm.schemas.contacts.',
      ...SECRET,
    }),
  baseUrl: settingText(300)
    .refine(isOrigin, 'must be https://host or http://host, with a port if needed, and nothing after it')
    .default(PUBLISHED)
    .meta({ description: 'Where the API is; another address is for tests.' }),
});

export type HubSpotSettings = z.output<typeof hubspotSettings>;

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
