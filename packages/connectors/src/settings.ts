import { X509Certificate } from 'node:crypto';
import { AppError } from '@penstock/domain';
import { z } from 'zod';
import type { Connector } from './connector.js';
import { explainSetting, findingsOf } from './explain-setting.js';

/** Shown in the place of a secret that is set. */
export const REDACTED = '[REDACTED]';

/** Metadata of a member of settings that is never shown again. */
export const SECRET = { secret: true, format: 'password' } as const;

/** Text of 1 to `maxBytes` bytes. A NUL would end it early on the wire, and what follows would be read as something else. */
export function settingText(maxBytes: number) {
  return z
    .string()
    .min(1)
    .max(maxBytes)
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `must be at most ${maxBytes} bytes`)
    .refine((text) => !text.includes('\0'), 'must not contain a NUL character');
}

/** PEM certificates of authorities, which may be left out. */
export function certificates(description: string) {
  return z
    .string()
    .max(65_536)
    .refine(isCertificate, 'must be certificates in PEM form')
    .optional()
    .meta({ description });
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}

/** Checks settings. Throws AppError `InvalidSettings` that lists what is wrong, without the values. */
export function parseSettings<S extends z.ZodType>(schema: S, settings: unknown): z.output<S> {
  const result = schema.safeParse(settings, { error: explainSetting });
  if (result.success) return result.data;
  const details = findingsOf(result.error);
  const list = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new AppError('InvalidSettings', { message: `settings are not valid: ${list}`, details });
}

/** Settings for display: secrets that are set show as `[REDACTED]`, and what the schema does not know is left out. */
export function redactSettings(
  connector: Connector,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(connector.settingsSchema.shape)) {
    const value = settings[name];
    if (value !== undefined) shown[name] = isSecret(schema) && value !== '' ? REDACTED : value;
  }
  return shown;
}

function isSecret(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.secret === true;
}
