import { defineFileStorage } from '../connector.js';
import { sftpSettings } from './settings.js';
import { SftpStorage } from './storage.js';
import { testSftp } from './test-settings.js';

/** Servers of SFTP (SSH File Transfer Protocol, version 3), such as OpenSSH's. */
export const sftp = defineFileStorage({
  code: 'sftp',
  label: 'SFTP',
  settingsSchema: sftpSettings,
  roles: ['Source', 'Destination'],
  hasPatterns: true,
  open: (settings, access) => new SftpStorage(settings, access),
  test: testSftp,
});
