import { findConnector, type QueryPreview } from '@penstock/connectors';
import type { Dependencies } from '../dependencies.js';
import { type ConnectionRef, requireConnection, settingsOf } from './connections.js';
import { checkSettings } from './settings.js';

type LookDependencies = Pick<Dependencies, 'database' | 'secrets'>;

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
    await connector.test(checkSettings(connector, test.settings), signal);
    return;
  }
  const row = await requireConnection(deps, test);
  await findConnector(row.connector).test(settingsOf(deps, row), signal);
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
): Promise<QueryPreview> {
  const row = await requireConnection(deps, ref);
  return findConnector(row.connector).query(settingsOf(deps, row), { query, limit }, signal);
}
