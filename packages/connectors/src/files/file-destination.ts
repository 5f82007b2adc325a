import type { Compression } from '@penstock/domain';
import type { FileDestination, FileRequest, FileWriter } from '@penstock/engine';
import type { FileStorageConnector } from '../connector.js';
import { COMPRESSED_TYPES, type CompressedFile, entryName } from './compress.js';
import { asDestinationError, cannotWrite } from './destination-error.js';
import { destinationPath } from './destination-path.js';
import type { FileWriterFormat } from './file-format.js';
import type { FileAccess, FileStorage, FileUpload } from './file-storage.js';
import { UploadWriter } from './upload-writer.js';

/** Which file is written, and how. */
export interface FileDestinationDefinition {
  /** May hold placeholders of the time of the run. */
  readonly path: string;
  readonly format: FileWriterFormat;
  /** The usual extension of the format's files, without the dot. */
  readonly extension: string;
  /** null where the format has no sheets. */
  readonly sheet: string | null;
  /** null leaves the file as the format makes it. */
  readonly compression: Compression | null;
}

/** A file of a storage as a destination of runs. The storage is opened anew by every attempt. */
export function openFileDestination(
  connector: FileStorageConnector,
  settings: unknown,
  access: FileAccess,
  definition: FileDestinationDefinition,
): FileDestination {
  return {
    open: async (request, signal) => {
      signal.throwIfAborted();
      const storage = connector.open(settings, access);
      try {
        return await openWriter(storage, { connector, definition, request }, signal);
      } catch (error) {
        await storage.close();
        signal.throwIfAborted();
        throw asDestinationError(error);
      }
    },
  };
}

interface Job {
  readonly connector: FileStorageConnector;
  readonly definition: FileDestinationDefinition;
  readonly request: FileRequest;
}

async function openWriter(storage: FileStorage, job: Job, signal: AbortSignal): Promise<FileWriter> {
  const { definition, request } = job;
  const path = destinationPath(definition.path, request.startTime);
  const upload = await create(storage, { path, job }, signal);
  const { format, sheet } = definition;
  const compressed = compressedFile(path, job);
  try {
    return new UploadWriter({ storage, upload, compressed }, (out) =>
      format.open(out, { sheet, columns: request.columns }),
    );
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

async function create(
  storage: FileStorage,
  { path, job }: { readonly path: string; readonly job: Job },
  signal: AbortSignal,
): Promise<FileUpload> {
  const { connector, definition, request } = job;
  if (storage.create === undefined)
    throw cannotWrite(`files of ${connector.label} can only be read: use another connection`);
  const { compression, format } = definition;
  const contentType = compression === null ? format.contentType : COMPRESSED_TYPES[compression];
  return await storage.create({ path, contentType, owner: request.owner }, signal);
}

function compressedFile(path: string, { definition, request }: Job): CompressedFile | null {
  const { compression, extension } = definition;
  return compression === null ? null : { compression, name: entryName(path, extension), time: request.startTime };
}
