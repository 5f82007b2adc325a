import {
  destinationPath,
  destinationPathProblem,
  type FileStorageConnector,
  findConnector,
  patternProblem,
} from '@penstock/connectors';
import { AppError, type ErrorDetail } from '@penstock/domain';
import type { ConnectionRow } from '../../repositories/connections.js';
import type { Dependencies } from '../dependencies.js';
import { settingsOf } from './connections.js';

/** What is wrong with the path of a pipeline, as the storage of its connection sees it: no run could ever open it. */
export async function pathViolations(
  deps: Pick<Dependencies, 'secrets' | 'fileAccess'>,
  connection: ConnectionRow,
  body: unknown,
): Promise<ErrorDetail[]> {
  const connector = findConnector(connection.connector);
  const path: unknown = (body as { readonly path?: unknown } | null)?.path;
  // A path that is no text, or none, has rules of its own.
  if (connector.type !== 'FileStorage' || typeof path !== 'string' || path === '') return [];
  const message = await PROBLEM_OF_ROLE[connection.role](connector, path, { ...deps, connection });
  // Sentences of storages begin with their subject, which is the member here.
  return message === undefined ? [] : [{ path: 'path', message: message.replace(/^path /, '') }];
}

type StorageScope = Pick<Dependencies, 'secrets' | 'fileAccess'> & { readonly connection: ConnectionRow };

const PROBLEM_OF_ROLE = { Source: sourceProblem, Destination: destinationProblem } as const;

async function sourceProblem(connector: FileStorageConnector, path: string, scope: StorageScope) {
  // That there must be no placeholder is a rule of its own.
  if (path.includes('${')) return undefined;
  const problem = connector.hasPatterns ? patternProblem(path) : undefined;
  return problem ?? (await addressProblem(connector, path, scope));
}

async function destinationProblem(connector: FileStorageConnector, path: string, scope: StorageScope) {
  // What is wrong with the placeholders is a rule of its own.
  if (destinationPathProblem(path) !== null) return undefined;
  return await addressProblem(connector, destinationPath(path, new Date()), scope);
}

async function addressProblem(
  connector: FileStorageConnector,
  path: string,
  { connection, ...deps }: StorageScope,
): Promise<string | undefined> {
  try {
    const storage = connector.open(settingsOf(deps, connection), deps.fileAccess);
    try {
      storage.absolutePath(path);
    } finally {
      await storage.close();
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Whatever else is wrong is not wrong with the path.
    return error.code === 'InvalidPath' ? error.message : undefined;
  }
  return undefined;
}
