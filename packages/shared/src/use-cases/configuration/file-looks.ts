import {
  destinationPath,
  destinationPathProblem,
  type FileLook,
  type FileStorageConnector,
  findConnector,
  findFormat,
  listSheets as listSheetsOf,
  previewFiles as previewFilesOf,
  type RecordsPreview,
} from '@penstock/connectors';
import { AppError, type Compression, type ConnectionRole } from '@penstock/domain';
import type { LookDependencies } from './connection-looks.js';
import { type ConnectionRef, requireConnection, settingsOf } from './connections.js';

/** Which file of a connection is looked at, and how it is read. */
export interface FileRequest extends ConnectionRef {
  readonly path: string;
  /** Code of the format. */
  readonly format: string;
  readonly compression: Compression | null;
  readonly formatSettings: Readonly<Record<string, unknown>>;
}

/** Shows the first records of files and the schema that they make. @throws AppError as formats and storages do */
export async function previewFiles(
  deps: LookDependencies,
  { sheet, limit, ...file }: FileRequest & { readonly sheet: string | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RecordsPreview> {
  const look = await lookAt(deps, file);
  const { hasSheets, label } = findFormat(file.format);
  if (hasSheets && sheet === null) throw badRequest(`sheet is required for ${label}`);
  if (!hasSheets && sheet !== null) throw badRequest(`sheet is not allowed for ${label}: it has no sheets`);
  return await previewFilesOf(look, { sheet, limit }, signal);
}

/** The names of the sheets of a file. @throws AppError as formats and storages do */
export async function listSheets(
  deps: LookDependencies,
  file: FileRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const look = await lookAt(deps, file);
  const { hasSheets, label } = findFormat(file.format);
  if (!hasSheets) throw badRequest(`the format ${label} has no sheets`);
  return await listSheetsOf(look, signal);
}

/**
 * The whole address of a path; of a destination, of the file that would be written now.
 * @throws AppError NotFound, BadRequest, InvalidPath, InvalidPlaceholder
 */
export async function absolutePath(
  deps: LookDependencies,
  { path, ...ref }: ConnectionRef & { readonly path: string },
): Promise<string> {
  const { connector, settings, role } = await storageOf(deps, ref);
  const problem = role === 'Destination' ? destinationPathProblem(path) : null;
  if (problem !== null) throw new AppError('InvalidPlaceholder', { message: `path ${problem}` });
  const storage = connector.open(settings, deps.fileAccess);
  try {
    return storage.absolutePath(role === 'Destination' ? destinationPath(path, new Date()) : path);
  } finally {
    await storage.close();
  }
}

async function lookAt(
  deps: LookDependencies,
  { path, format, compression, formatSettings, ...ref }: FileRequest,
): Promise<FileLook> {
  const { connector, settings } = await storageOf(deps, ref);
  return {
    ...{ connector, settings, path, compression },
    access: deps.fileAccess,
    format: findFormat(format).open(formatSettings),
  };
}

interface OpenedStorage {
  readonly connector: FileStorageConnector;
  readonly settings: unknown;
  readonly role: ConnectionRole;
}

async function storageOf(deps: LookDependencies, ref: ConnectionRef): Promise<OpenedStorage> {
  const row = await requireConnection(deps, ref);
  const connector = findConnector(row.connector);
  if (connector.type === 'FileStorage') return { connector, settings: settingsOf(deps, row), role: row.role };
  throw badRequest(`connection is of type ${connector.type}, this needs a file storage`);
}

function badRequest(message: string): AppError {
  return new AppError('BadRequest', { message });
}
