import { AppError, stopSignal } from '@penstock/domain';
import type { SourceBatch } from '@penstock/engine';
import type { Property } from '@penstock/language';
import { checkLimit, type FileStorageConnector, type RecordsPreview } from '../connector.js';
import { type PreviewReader, previewOf } from '../preview.js';
import { openContent } from './file-content.js';
import type { FileColumn, FileFormat } from './file-format.js';
import { FileSource, findFiles } from './file-source.js';
import { type FileAccess, type FileStorage, nameOf } from './file-storage.js';
import type { FilesReader } from './files-reader.js';
import { explain, type FileManner } from './open-file.js';
import { PATIENCE, type Patience } from './resuming-stream.js';

/** Files of a connection that somebody looks at. */
export interface FileLook extends Pick<FileManner, 'format' | 'compression'> {
  readonly connector: FileStorageConnector;
  readonly settings: unknown;
  readonly access: FileAccess;
  /** A path in the storage, or a pattern of paths. */
  readonly path: string;
  /** After how long it is given up, in milliseconds. */
  readonly giveUpAfterMs?: number;
}

/** Somebody waits for the answer. */
const IMPATIENCE: Patience = { ...PATIENCE, attempts: 2, firstWaitMs: 500, longestAskedWaitMs: 2_000 };
/** Before the request is: whoever waits is to learn what is slow. */
const GIVE_UP_AFTER_MS = 25_000;
/** Nobody waits for more, and many may look at a time. */
const MAX_COPY_BYTES = 256 * 1024 * 1024;
const LOOKING = { patience: IMPATIENCE, maxCopyBytes: MAX_COPY_BYTES };

/**
 * The first records of files, and the schema that their columns make. No more is read than is shown, except of files that are
 * elsewhere and are not read from the beginning to the end: they are copied, up to 256 MiB.
 * @throws AppError as storages and formats do; BadRequest when the limit is none.
 */
export async function previewFiles(
  look: FileLook,
  { sheet, limit }: { readonly sheet: string | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RecordsPreview> {
  checkLimit(limit);
  const definition = { ...look, ...LOOKING, sheet, expected: null };
  return await impatiently(look, signal, async (stop) => {
    const reader = await new FileSource(() => openStorage(look), definition).open(null, stop);
    return await previewOf(asPreview(reader, limit), limit, propertyOf);
  });
}

/** The names of the sheets of a file, in their order. Throws as {@link previewFiles}; BadRequest when the format has none. */
export async function listSheets(look: FileLook, signal: AbortSignal): Promise<readonly string[]> {
  const { format } = look;
  if (format.sheets === undefined) throw new AppError('BadRequest', { message: 'the format has no sheets' });
  const list = format.sheets.bind(format);
  return await impatiently(look, signal, async (stop) => await sheetsOf(look, list, stop));
}

async function sheetsOf(
  look: FileLook,
  list: NonNullable<FileFormat['sheets']>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  const storage = openStorage(look);
  const [file] = await findFiles(storage, look.path, signal);
  const content = openContent({ ...look, ...LOOKING, storage, file }, signal);
  try {
    return await list(content, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw await explain(error, nameOf(file), content);
  } finally {
    await content.close();
    await storage.close();
  }
}

/** Looks for a limited time. @throws AppError SourceUnavailable when it is over */
async function impatiently<T>(
  { giveUpAfterMs = GIVE_UP_AFTER_MS }: FileLook,
  signal: AbortSignal,
  look: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = stopSignal([signal], giveUpAfterMs);
  try {
    return await look(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || signal.aborted) throw error;
    const seconds = giveUpAfterMs / 1_000;
    const message = `nothing could be shown within ${seconds} seconds: the server is slow, or does not answer; try again later`;
    throw new AppError('SourceUnavailable', { message, cause: error });
  } finally {
    stop.release();
  }
}

function openStorage({ connector, settings, access }: FileLook): FileStorage {
  return connector.open(settings, access);
}

/** A file that does not go with the first one is no reason to show nothing. */
function asPreview(reader: FilesReader, limit: number): PreviewReader & { readonly columns: readonly FileColumn[] } {
  const { fileCount } = reader;
  const issues = [...reader.issues];
  const batches = async function* (): AsyncGenerator<SourceBatch, void, undefined> {
    let left = limit;
    let showsAll = false;
    try {
      for await (const batch of reader.batches()) {
        left -= batch.rows.length;
        // Whether the last file goes on after just enough records, nobody waits to know.
        showsAll = reader.filesLeft === 0 && left === 0;
        yield batch;
      }
      showsAll = true;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SchemaDrift') throw error;
      showsAll = false;
      issues.push(error.message);
    } finally {
      if (fileCount > 1 && !showsAll) {
        issues.push(`the pattern matches ${fileCount} files; records of the first ones are shown`);
      }
    }
  };
  return { columns: reader.columns, issues, batches, close: () => reader.close() };
}

function propertyOf({ name, type, nullable, readOptional, description = '' }: FileColumn): Property {
  return {
    ...{ name, type, description },
    ...(readOptional === true ? { readOptional } : {}),
    ...(nullable === true ? { nullable } : {}),
  };
}
