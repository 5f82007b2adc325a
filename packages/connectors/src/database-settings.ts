import { z } from 'zod';
import { certificates, SECRET, settingText } from './settings.js';

/** What the settings of all databases have alike. */

/** A host name or an address. A path would be a Unix socket of the machine that Penstock itself runs on. */
export const databaseHost = settingText(253)
  .regex(/^[^\s/]+$/, 'must be a host name or an IP address')
  .meta({ description: 'Host name or IP address of the database server.' });

export function databasePort(usual: number) {
  return z.int().min(1).max(65535).default(usual).meta({ description: 'TCP port of the database server.' });
}

export function databasePassword(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0'), 'must not contain a NUL character')
    .default('')
    .meta({ description: 'Password of the user; empty where the server asks for none.', ...SECRET });
}

/** How TLS is spoken. Whoever takes both members also refines by {@link isCaUsed}. */
export const databaseTls = {
  tls: z.enum(['disable', 'require', 'verify-full']).default('disable').meta({
    description:
      'disable: no TLS. require: encrypted. verify-full: encrypted, and the certificate must be valid for host.',
  }),
  ca: certificates('PEM certificates of the authorities to trust with verify-full, instead of the well-known ones.'),
};

export function isCaUsed({ tls, ca }: { readonly tls: string; readonly ca?: string | undefined }): boolean {
  return ca === undefined || tls === 'verify-full';
}

/** What is said of a `ca` that nobody would look at. */
export const CA_UNUSED = { path: ['ca'], message: 'is used with tls verify-full only' };
