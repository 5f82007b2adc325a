import { z } from 'zod';
import { SECRET, settingText } from '../settings.js';
import { isHostPublicKey } from './host-key.js';

const MAX_KEY_LENGTH = 20_000;
const MAX_HOST_KEY_LENGTH = 5_000;
const MAX_DIRECTORY_BYTES = 1_024;

const host = settingText(253)
  .regex(/^[^\s/[\]@]+$/, 'must be a host name or an IP address')
  .meta({ description: 'Host name or IP address of the SFTP server.' });

const privateKey = settingText(MAX_KEY_LENGTH)
  .refine((text) => text.trimStart().startsWith('-----BEGIN '), 'must be a private key in PEM or OpenSSH form')
  .optional()
  .meta({
    description: 'Private key to log in with instead of a password, in PEM or OpenSSH form.',
    ...SECRET,
    format: 'textarea',
  });

const hostPublicKey = settingText(MAX_HOST_KEY_LENGTH)
  .refine(isHostPublicKey, 'must be a public key in one line, such as "ssh-ed25519 AAAA..."')
  .optional()
  .meta({
    description:
      'Public key of the server in one line, such as "ssh-ed25519 AAAA...": a server with another key is refused.',
  });

export const sftpSettings = z
  .strictObject({
    host,
    port: z.int().min(1).max(65535).default(22).meta({ description: 'TCP port of the SFTP server.' }),
    username: settingText(200).meta({
      description: 'User to log in as. To read it needs to be allowed nothing else.',
    }),
    password: settingText(200)
      .optional()
      .meta({ description: 'Password of the user.', ...SECRET }),
    privateKey,
    passphrase: settingText(200)
      .optional()
      .meta({ description: 'Passphrase of privateKey, if it has one.', ...SECRET }),
    hostPublicKey,
    trustUnknownHost: z.boolean().default(false).meta({
      description:
        'Connects to any server that answers, without hostPublicKey. Somebody in between could read everything.',
    }),
    directory: settingText(MAX_DIRECTORY_BYTES).optional().meta({
      description: 'Directory that paths begin in; without it, the one in which the server begins a session.',
    }),
  })
  .refine(({ password, privateKey: key }) => (password === undefined) !== (key === undefined), {
    path: ['password'],
    message: 'exactly one of password and privateKey must be given',
  })
  .refine(({ passphrase, privateKey: key }) => passphrase === undefined || key !== undefined, {
    path: ['passphrase'],
    message: 'is used with privateKey only',
  })
  .refine(({ trustUnknownHost, hostPublicKey: key }) => !trustUnknownHost || key === undefined, {
    path: ['trustUnknownHost'],
    message: 'is used without hostPublicKey only',
  });

export type SftpSettings = z.output<typeof sftpSettings>;
