import { defineFileStorage } from '../connector.js';
import { s3Settings } from './settings.js';
import { S3Storage } from './storage.js';

/** Amazon S3, and services that speak its protocol. */
export const s3 = defineFileStorage({
  code: 's3',
  label: 'Amazon S3 and compatible',
  settingsSchema: s3Settings,
  roles: ['Source', 'Destination'],
  hasPatterns: true,
  open: (settings, access) => new S3Storage(settings, access),
  test: async (settings, access, signal) => {
    const { testS3 } = await import('./test-settings.js');
    await testS3(settings, access, signal);
  },
});
