import { type Connector, REDACTED } from '@penstock/connectors';
import { AppError, type ErrorCode, type ErrorDetail } from '@penstock/domain';
import type { z } from 'zod';
import { explainIssue, violationsOf } from '../../contracts/violations.js';

type Settings = Readonly<Record<string, unknown>>;

/** Checks the settings of a connection. @throws AppError InvalidSettings with everything that is wrong, without values. */
export function checkSettings({ settingsSchema }: Pick<Connector, 'settingsSchema'>, settings: Settings): Settings {
  return parseSettings(settingsSchema, settings, 'InvalidSettings');
}

/**
 * Parses settings by the schema of whoever they are for. A redacted text that is sent back is refused: storing it would lose
 * the secret, and putting the stored one in its place would hand it to whichever host the sender names.
 */
export function parseSettings<S extends z.ZodType>(schema: S, settings: Settings, code: ErrorCode): z.output<S> {
  const result = schema.safeParse(settings, { error: explainIssue });
  const details = [...redacted(settings), ...(result.success ? [] : violationsOf(result.error, 'settings').map(below))];
  if (result.success && details.length === 0) return result.data;
  const list = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new AppError(code, { message: `${new AppError(code).message}: ${list}`, details });
}

function redacted(settings: Settings): ErrorDetail[] {
  const names = Object.keys(settings).filter((name) => settings[name] === REDACTED);
  return names.map((name) => ({ path: `settings.${name}`, message: 'is the redacted text: give the secret itself' }));
}

function below({ path, message }: ErrorDetail): ErrorDetail {
  return { path: path === 'settings' ? path : `settings.${path}`, message };
}

/** What `read` makes of stored settings; null when no master key of this installation decrypts them. */
export function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'SettingsUnreadable') return null;
    throw error;
  }
}
