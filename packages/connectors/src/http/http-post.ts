import { defineFileStorage } from '../connector.js';
import { testHttp } from './http-get.js';
import { HttpPostStorage } from './http-post-storage.js';
import { httpPostSettings } from './post-settings.js';

/** Places of a web server that files are sent to. */
export const httpPost = defineFileStorage({
  code: 'http-post',
  label: 'HTTP POST',
  settingsSchema: httpPostSettings,
  roles: ['Destination'],
  hasPatterns: false,
  open: (settings, access) => new HttpPostStorage(settings, access),
  test: testHttp,
});
