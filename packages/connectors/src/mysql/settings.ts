import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { SECRET, settingText } from '../settings.js';

/** A host name or an address. A path would be a Unix socket of the machine that Penstock itself runs on. */
const host = settingText(253)
  .regex(/^[^\s/]+$/, 'must be a host name or an IP address')
  .meta({ description: 'Host name or IP address of the database server.' });

/** Characters that the longest names have: 32 for users of MySQL, 80 for those of MariaDB, 64 for databases. */
const name = (maxLength: number) =>
  settingText(maxLength * 4).refine((text) => [...text].length <= maxLength, `must be at most ${maxLength} characters`);

export const mysqlSettings = z
  .strictObject({
    host,
    port: z.int().min(1).max(65535).default(3306).meta({ description: 'TCP port of the database server.' }),
    username: name(80).meta({ description: 'User to log in as. Reading is all that it needs to be allowed to do.' }),
    password: z
      .string()
      .max(200)
      .refine((text) => !text.includes('\0'), 'must not contain a NUL character')
      .default('')
      .meta({ description: 'Password of the user; empty where the server asks for none.', ...SECRET }),
    database: name(64).meta({ description: 'Database in which a query finds tables that it names without one.' }),
    tls: z.enum(['disable', 'require', 'verify-full']).default('disable').meta({
      description:
        'disable: no TLS. require: encrypted. verify-full: encrypted, and the certificate must be valid for host.',
    }),
    ca: z.string().max(65_536).refine(isCertificate, 'must be certificates in PEM form').optional().meta({
      description: 'PEM certificates of the authorities to trust with verify-full, instead of the well-known ones.',
    }),
  })
  .refine(({ tls, ca }) => ca === undefined || tls === 'verify-full', {
    path: ['ca'],
    message: 'is used with tls verify-full only',
  });

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}

export type MysqlSettings = z.output<typeof mysqlSettings>;

/** Where a connection goes, for messages. */
export function addressOf({ host, port }: MysqlSettings): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
