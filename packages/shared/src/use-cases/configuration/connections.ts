import { findConnector, redactSettings } from '@penstock/connectors';
import { AppError, type ConnectionRole } from '@penstock/domain';
import {
  type ConnectionRow,
  findConnection,
  insertConnection,
  listConnections as listRows,
  updateConnection,
} from '../../repositories/connections.js';
import { type IdempotencyClaim, storeIdempotentAnswerWith } from '../../repositories/idempotency-keys.js';
import type { Dependencies } from '../dependencies.js';
import { requireRole } from './connector-roles.js';
import { checkSettings, ifReadable } from './settings.js';
import { withNewId } from './with-new-id.js';

type ConnectionDependencies = Pick<Dependencies, 'database' | 'secrets'>;

type Settings = Readonly<Record<string, unknown>>;

/** A connection as it may be shown: secrets redacted. */
export interface ConnectionView extends Omit<ConnectionRow, 'settings'> {
  readonly connectorType: string;
  /** null when they cannot be decrypted: the connection can still be listed, given new ones, and deleted. */
  readonly settings: Settings | null;
}

export interface NewConnection {
  readonly workspace: number;
  readonly name: string;
  readonly role: ConnectionRole;
  readonly connector: string;
  readonly settings: Settings;
  readonly idempotency?: IdempotencyClaim | undefined;
}

/** Stores a connection, its settings encrypted. @throws AppError ConnectorNotExist, BadRequest, InvalidSettings */
export async function createConnection(
  { database, secrets }: ConnectionDependencies,
  { idempotency, ...request }: NewConnection,
): Promise<{ readonly id: number }> {
  const connector = findConnector(request.connector);
  requireRole(connector, request.role);
  const settings = checkSettings(connector, request.settings);
  const encrypted = secrets.encrypt(JSON.stringify(settings));
  const id = await withNewId((id) =>
    database.prisma.$transaction(async (transaction) => {
      await insertConnection(transaction, { ...request, id, settings: encrypted });
      await storeIdempotentAnswerWith(transaction, idempotency, { id });
    }),
  );
  return { id };
}

export async function listConnections(deps: ConnectionDependencies, workspace: number): Promise<ConnectionView[]> {
  const rows = await listRows(deps.database, workspace);
  return rows.map((row) => viewOf(deps, row));
}

/** @throws AppError NotFound */
export async function getConnection(deps: ConnectionDependencies, ref: ConnectionRef): Promise<ConnectionView> {
  return viewOf(deps, await requireConnection(deps, ref));
}

export interface ConnectionRef {
  readonly workspace: number;
  readonly connection: number;
}

/** @throws AppError NotFound */
export async function requireConnection(
  { database }: Pick<Dependencies, 'database'>,
  { workspace, connection }: ConnectionRef,
): Promise<ConnectionRow> {
  const row = await findConnection(database, workspace, connection);
  if (row === undefined) throw new AppError('NotFound', { message: 'connection does not exist' });
  return row;
}

export interface ConnectionChange extends ConnectionRef {
  readonly name: string;
  /** All settings; without them the stored ones stay. */
  readonly settings?: Settings | undefined;
}

/** Replaces name and settings. Runs that have begun go on with the old settings. @throws AppError NotFound, InvalidSettings */
export async function replaceConnection(deps: ConnectionDependencies, change: ConnectionChange): Promise<void> {
  const { workspace, connection: id, name } = change;
  const row = await requireConnection(deps, change);
  const settings = change.settings && checkSettings(findConnector(row.connector), change.settings);
  const encrypted = settings && { settings: deps.secrets.encrypt(JSON.stringify(settings)) };
  const updated = await updateConnection(deps.database, { workspace, id, name, ...encrypted });
  if (!updated) throw new AppError('NotFound', { message: 'connection does not exist' });
}

/** Settings in the clear, for the connector only. @throws AppError SettingsUnreadable */
export function settingsOf(
  { secrets }: Pick<Dependencies, 'secrets'>,
  { settings }: Pick<ConnectionRow, 'settings'>,
): Settings {
  return JSON.parse(secrets.decrypt(settings)) as Settings;
}

function viewOf(deps: ConnectionDependencies, row: ConnectionRow): ConnectionView {
  const connector = findConnector(row.connector);
  const settings = ifReadable(() => redactSettings(connector, settingsOf(deps, row)));
  return { ...row, connectorType: connector.type, settings };
}
