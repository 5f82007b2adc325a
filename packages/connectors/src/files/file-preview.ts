import { AppError } from '@penstock/domain';
import type { SourceBatch } from '@penstock/engine';
import type { Property } from '@penstock/language';
import { checkLimit, type FileStorageConnector, type RecordsPreview } from '../connector.js';
import { type PreviewReader, previewOf } from '../preview.js';
import { openContent } from './file-content.js';
import { nameFile } from './file-errors.js';
import type { FileColumn } from './file-format.js';
import { FileSource, findFiles } from './file-source.js';
import { type FileAccess, type FileStorage, nameOf } from './file-storage.js';
import type { FilesReader } from './files-reader.js';
import type { FileManner } from './open-file.js';
import { PATIENCE, type Patience } from './resuming-stream.js';

/** Files of a connection that somebody looks at. */
export interface FileLook extends Pick<FileManner, 'format' | 'compression'> {
  readonly connector: FileStorageConnector;
  readonly settings: unknown;
  readonly access: FileAccess;
  /** A path in the storage, or a pattern of paths. */
  readonly path: string;
}

/** Somebody waits for the answer. */
const IMPATIENCE: Patience = { ...PATIENCE, attempts: 2 };

/**
 * The first records of files, and the schema that their columns make. No more is read than is shown.
 * @throws AppError as storages and formats do; BadRequest when the limit is none.
 */
export async function previewFiles(
  look: FileLook,
  { sheet, limit }: { readonly sheet: string | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RecordsPreview> {
  checkLimit(limit);
  const definition = { ...look, sheet, expected: null, patience: IMPATIENCE };
  const reader = await new FileSource(() => openStorage(look), definition).open(null, signal);
  return await previewOf(asPreview(reader), limit, propertyOf);
}

/** The names of the sheets of a file, in their order. Throws as {@link previewFiles}; BadRequest when the format has none. */
export async function listSheets(look: FileLook, signal: AbortSignal): Promise<readonly string[]> {
  const { format } = look;
  if (format.sheets === undefined) throw new AppError('BadRequest', { message: 'the format has no sheets' });
  signal.throwIfAborted();
  const storage = openStorage(look);
  const [file] = await findFiles(storage, look.path, signal);
  const content = openContent({ ...look, storage, file, patience: IMPATIENCE }, signal);
  try {
    return await format.sheets(content, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw nameFile(nameOf(file), error);
  } finally {
    await content.close();
    await storage.close();
  }
}

function openStorage({ connector, settings, access }: FileLook): FileStorage {
  return connector.open(settings, access);
}

/** A file that does not go with the first one is no reason to show nothing. */
function asPreview(reader: FilesReader): PreviewReader & { readonly columns: readonly FileColumn[] } {
  const { fileCount } = reader;
  const issues = [...reader.issues];
  if (fileCount > 1) issues.push(`the pattern matches ${fileCount} files; records of the first ones are shown`);
  const batches = async function* (): AsyncGenerator<SourceBatch, void, undefined> {
    try {
      yield* reader.batches();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SchemaDrift') throw error;
      issues.push(error.message);
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
