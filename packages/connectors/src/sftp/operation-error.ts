import { AppError } from '@penstock/domain';
import { unclosedHint } from '../files/path-pattern.js';
import { hostAndPort } from '../host-and-port.js';
import { shownPath } from './paths.js';
import type { SftpSettings } from './settings.js';

/** Status codes of SFTP version 3. */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
const OPERATION_UNSUPPORTED = 8;
const END_OF_FILE = 1;

/** Whether the server says that there is no such file, or no such directory on the way. */
export function isNoSuchFile(error: unknown): boolean {
  return statusOf(error) === NO_SUCH_FILE;
}

/** Whether the server says that there is no more. */
export function isEnd(error: unknown): boolean {
  return statusOf(error) === END_OF_FILE;
}

/**
 * Explains what the server answered to a question about a path: AppError `SourceUnavailable` or `SourceRefused`. AppErrors, and
 * what a signal was aborted with, are returned as they are.
 */
export function operationError(error: unknown, settings: SftpSettings, path: string): unknown {
  const status = statusOf(error);
  if (status === undefined) return error;
  const shown = shownPath(settings, path);
  switch (status) {
    case NO_SUCH_FILE:
      return noSuchFile(settings, path);
    case PERMISSION_DENIED:
      return refused(`user "${settings.username}" may not read ${shown}: check its permissions, and username`);
    case OPERATION_UNSUPPORTED:
      return refused(`${hostAndPort(settings)} cannot do what reading ${shown} needs`);
    default:
      return new AppError('SourceUnavailable', { message: `${hostAndPort(settings)} failed to read ${shown}` });
  }
}

export function noSuchFile(settings: SftpSettings, path: string): AppError {
  return refused(`${shownPath(settings, path)} does not exist: check path and directory${unclosedHint(path)}`);
}

/** It cannot be told whether the file is still the one that reading began with. Asking for the rest again would end the same way. */
export function cannotContinue(settings: SftpSettings, path: string): AppError {
  const message = `${shownPath(settings, path)}: reading was interrupted, and cannot go on there because the server does not say the size of the file; run again`;
  return new AppError('SourceUnavailable', { message, details: { changed: true } });
}

export function refused(message: string): AppError {
  return new AppError('SourceRefused', { message });
}

/** The status that a server answered with; undefined of another error. */
export function statusOf(error: unknown): number | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'number' ? code : undefined;
}
