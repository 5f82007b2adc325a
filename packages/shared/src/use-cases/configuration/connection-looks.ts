import {
  type ConnectionConnector,
  type DatabaseConnector,
  findConnector,
  type RecordsPreview,
  type TableName,
} from '@penstock/connectors';
import { AppError, type ConnectionRole } from '@penstock/domain';
import type { Dependencies } from '../dependencies.js';
import { type ConnectionRef, requireConnection, settingsOf } from './connections.js';
import { checkSettings } from './settings.js';

export type LookDependencies = Pick<Dependencies, 'database' | 'secrets' | 'fileAccess' | 'applicationAccess'>;

export type ConnectionTest =
  | ConnectionRef
  | { readonly connector: string; readonly settings: Readonly<Record<string, unknown>> };

/**
 * Opens a connection with given settings, or with those of a stored one, and closes it again.
 * @throws AppError NotFound, ConnectorNotExist, InvalidSettings, SourceUnavailable, SourceRefused
 */
export async function testConnection(deps: LookDependencies, test: ConnectionTest, signal: AbortSignal): Promise<void> {
  if ('settings' in test) {
    const connector = findConnector(test.connector);
    await testWith(connector, checkSettings(connector, test.settings), { ...deps, signal });
    return;
  }
  const row = await requireConnection(deps, test);
  await testWith(findConnector(row.connector), settingsOf(deps, row), { ...deps, signal });
}

async function testWith(
  connector: ConnectionConnector,
  settings: unknown,
  { fileAccess, applicationAccess, signal }: LookDependencies & { readonly signal: AbortSignal },
): Promise<void> {
  switch (connector.type) {
    case 'Database':
      return await connector.test(settings, signal);
    case 'FileStorage':
      return await connector.test(settings, fileAccess, signal);
    case 'Application':
      return await connector.test(settings, applicationAccess, signal);
  }
}

export interface QueryRequest extends ConnectionRef {
  readonly query: string;
  readonly limit: number;
}

/** Shows the first rows of a query and the schema that it makes. @throws AppError as the connector's `query` */
export async function previewQuery(
  deps: LookDependencies,
  { query, limit, ...ref }: QueryRequest,
  signal: AbortSignal,
): Promise<RecordsPreview> {
  const { connector, settings } = await databaseOf(deps, ref);
  return await connector.query(settings, { query, limit }, signal);
}

/** The tables and views that a database connection can read. @throws AppError as the connector's `tables` */
export async function listTables(
  deps: LookDependencies,
  ref: ConnectionRef,
  signal: AbortSignal,
): Promise<readonly TableName[]> {
  const { connector, settings } = await databaseOf(deps, ref);
  return await connector.tables(settings, signal);
}

/** A database connection with the settings that are stored. */
export interface OpenedDatabase {
  readonly connector: DatabaseConnector;
  readonly settings: unknown;
  readonly role: ConnectionRole;
}

/** @throws AppError NotFound; BadRequest when it is no database */
export async function databaseOf(deps: LookDependencies, ref: ConnectionRef): Promise<OpenedDatabase> {
  const row = await requireConnection(deps, ref);
  const connector = findConnector(row.connector);
  if (connector.type === 'Database') return { connector, settings: settingsOf(deps, row), role: row.role };
  throw new AppError('BadRequest', { message: `connection is of type ${connector.type}, this needs a database` });
}
