import { type FileStorageConnector, findConnector, patternProblem } from '@penstock/connectors';
import { AppError, type ErrorDetail } from '@penstock/domain';
import type { ConnectionRow } from '../../repositories/connections.js';
import type { Dependencies } from '../dependencies.js';
import { settingsOf } from './connections.js';

/** What is wrong with the path of a pipeline, as the storage of its connection sees it: no run could ever read it. */
export async function pathViolations(
  deps: Pick<Dependencies, 'secrets' | 'fileAccess'>,
  connection: ConnectionRow,
  body: unknown,
): Promise<ErrorDetail[]> {
  const connector = findConnector(connection.connector);
  const path: unknown = (body as { readonly path?: unknown } | null)?.path;
  // A path that is no text, or none, has rules of its own.
  if (connector.type !== 'FileStorage' || typeof path !== 'string' || path === '' || path.includes('${')) return [];
  const problem = connector.hasPatterns ? patternProblem(path) : undefined;
  const message = problem ?? (await addressProblem(connector, path, { ...deps, connection }));
  // Sentences of storages begin with their subject, which is the member here.
  return message === undefined ? [] : [{ path: 'path', message: message.replace(/^path /, '') }];
}

async function addressProblem(
  connector: FileStorageConnector,
  path: string,
  { connection, ...deps }: Pick<Dependencies, 'secrets' | 'fileAccess'> & { readonly connection: ConnectionRow },
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
