import { stopSignal } from '@penstock/domain';
import type { FileEntryWithStats } from 'ssh2';
import type { FileAccess } from '../files/file-storage.js';
import { hostAndPort } from '../host-and-port.js';
import { notAnswering } from './connect-error.js';
import { closeHandle } from './find-files.js';
import { isEnd, isNoSuchFile, operationError, refused } from './operation-error.js';
import { remotePath } from './paths.js';
import { SftpSession } from './session.js';
import type { SftpSettings } from './settings.js';

/** Somebody waits for it in front of a screen: it is over within 10 s, whatever the server does. */
const TEST_TIMEOUT_MS = 9_000;

/**
 * Connects and looks into the directory. Throws AppError `SourceUnavailable` or `SourceRefused` with a sentence that names the
 * setting to look at.
 */
export async function testSftp(settings: SftpSettings, access: FileAccess, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const stop = stopSignal([signal], TEST_TIMEOUT_MS);
  try {
    await lookIntoDirectory(settings, access, stop.signal);
  } catch (error) {
    signal.throwIfAborted();
    throw stop.signal.aborted ? notAnswering(settings) : error;
  } finally {
    stop.release();
  }
}

async function lookIntoDirectory(settings: SftpSettings, access: FileAccess, signal: AbortSignal): Promise<void> {
  const session = await SftpSession.open(settings, access, signal);
  try {
    const remote = remotePath(settings, '');
    const handle = await session.ask<Buffer>(signal, (sftp, callback) => sftp.opendir(remote, callback));
    await session.ask<FileEntryWithStats[]>(signal, (sftp, callback) => sftp.readdir(handle, callback));
    closeHandle(session, handle);
  } catch (error) {
    if (isEnd(error)) return;
    if (isNoSuchFile(error)) {
      throw refused(
        `directory "${settings.directory ?? '.'}" does not exist at ${hostAndPort(settings)}: check directory`,
      );
    }
    throw operationError(error, settings, '');
  } finally {
    session.destroy();
  }
}
