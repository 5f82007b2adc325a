import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '@penstock/domain';
import { isSystemError } from './file-errors.js';
import { OpenedLocalFile } from './opened-local-file.js';

const ONLY_OWNER = 0o600;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Puts content into a temporary file. The file has no name any more, so that nothing is left of it when it is closed, or when
 * the process ends. `filePath` is the one that errors name.
 * @throws AppError SourceUnavailable when the temporary file cannot be written; what the content throws passes through.
 */
export async function spool(content: AsyncIterable<Uint8Array>, filePath: string): Promise<OpenedLocalFile> {
  const handle = await openTemporary(filePath);
  try {
    const size = await writeAll(handle, content, filePath);
    return new OpenedLocalFile(handle, size, filePath);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Writes all content to a file, as fast as the file takes it, and returns its size. Throws as {@link spool}. */
export async function writeAll(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  filePath: string,
): Promise<number> {
  let size = 0;
  for await (const chunk of content) {
    try {
      for (let written = 0; written < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, size);
        written += bytesWritten;
        size += bytesWritten;
      }
    } catch (error) {
      throw notSpooled(error, filePath);
    }
  }
  return size;
}

async function openTemporary(filePath: string): Promise<FileHandle> {
  const name = path.join(tmpdir(), `penstock-${randomUUID()}`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(name, 'wx+', ONLY_OWNER);
    await unlink(name);
    return handle;
  } catch (error) {
    await handle?.close();
    throw notSpooled(error, filePath);
  }
}

function notSpooled(error: unknown, filePath: string): unknown {
  if (!isSystemError(error)) return error;
  const why = NO_SPACE.has(error.code)
    ? 'there is no space left in the directory for temporary files (TMPDIR)'
    : `the directory for temporary files (TMPDIR) cannot be written (${error.code})`;
  const message = `file "${filePath}": it needs a temporary file, but ${why}`;
  return new AppError('SourceUnavailable', { message, cause: error });
}
