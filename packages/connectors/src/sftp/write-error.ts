import { asDestinationError, cannotWrite, notNow } from '../files/destination-error.js';
import { hostAndPort } from '../host-and-port.js';
import { statusOf } from './operation-error.js';
import { shownPath } from './paths.js';
import type { SftpSettings } from './settings.js';

/** Status codes of SFTP version 3. */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
const OPERATION_UNSUPPORTED = 8;

/**
 * Explains what the server answered to a question about a file that is written: AppError `DestinationUnavailable` or
 * `DestinationRefused`. What is no answer keeps its words.
 */
export function writeError(error: unknown, settings: SftpSettings, path: string): unknown {
  const status = statusOf(error);
  if (status === undefined) return asDestinationError(error);
  const shown = shownPath(settings, path);
  switch (status) {
    case NO_SUCH_FILE:
      return cannotWrite(
        `the directory of ${shown} does not exist: make it on the server, or check path and directory`,
      );
    case PERMISSION_DENIED:
      return cannotWrite(
        `user "${settings.username}" may not list the directory of ${shown}, or write and rename files in it: check its permissions, and username`,
      );
    case OPERATION_UNSUPPORTED:
      return cannotWrite(`${hostAndPort(settings)} cannot do what writing ${shown} needs`);
    default:
      return notNow(
        `${hostAndPort(settings)} failed to write ${shown}: check the space that is left there, or try again later`,
      );
  }
}

/** A file must take the place of another in one step. */
export function cannotReplace(settings: SftpSettings): Error {
  return cannotWrite(
    `${hostAndPort(settings)} cannot put a file in the place of another in one step (posix-rename@openssh.com): a reader could find no file, or a part of it, so nothing is written there`,
  );
}

export function isDirectory(settings: SftpSettings, path: string): Error {
  return cannotWrite(`${shownPath(settings, path)} is a directory: give the file another name`);
}
