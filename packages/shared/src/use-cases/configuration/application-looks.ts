import { type ApplicationConnector, findConnector, previewUsers as previewUsersOf } from '@penstock/connectors';
import { AppError, type ConnectionRole } from '@penstock/domain';
import { typeToJson } from '@penstock/language';
import type { LookDependencies } from './connection-looks.js';
import { type ConnectionRef, requireConnection, settingsOf } from './connections.js';

/** JSON schemas of the users of an application, by what the connection is; null for what it is not. */
export interface UserSchemas {
  readonly source: unknown;
  readonly destination: unknown;
}

/** What the users of an application have, or take. @throws AppError as the connector's `userSchema` */
export async function getUserSchemas(
  deps: LookDependencies,
  ref: ConnectionRef,
  signal: AbortSignal,
): Promise<UserSchemas> {
  const { connector, settings, role } = await applicationOf(deps, ref);
  const schema = typeToJson(await connector.userSchema(settings, role, deps.applicationAccess, signal));
  return { source: null, destination: null, [role === 'Source' ? 'source' : 'destination']: schema };
}

/** A user of an application, as a run would import it. */
export interface ShownUser {
  readonly id: string | null;
  readonly updatedAt: string | null;
  readonly attributes: Record<string, unknown>;
}

export interface UsersPreview {
  readonly users: ShownUser[];
  /** JSON of the schema of their attributes. */
  readonly schema: unknown;
  readonly issues: readonly string[];
}

/** The first users of an application that is imported from. @throws AppError as the connector's source */
export async function previewUsers(
  deps: LookDependencies,
  { limit, ...ref }: ConnectionRef & { readonly limit: number },
  signal: AbortSignal,
): Promise<UsersPreview> {
  const { connector, settings, role } = await applicationOf(deps, ref);
  if (role !== 'Source') {
    throw new AppError('BadRequest', { message: 'connection is a destination, this needs a source' });
  }
  const look = { connector, settings, access: deps.applicationAccess };
  const { rows, schema, issues } = await previewUsersOf(look, limit, signal);
  return { users: rows.map(shownUser), schema, issues };
}

function shownUser({ _id, _updated_at, ...attributes }: Readonly<Record<string, unknown>>): ShownUser {
  return { id: textOf(_id), updatedAt: textOf(_updated_at), attributes };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

interface OpenedApplication {
  readonly connector: ApplicationConnector;
  readonly settings: unknown;
  readonly role: ConnectionRole;
}

async function applicationOf(deps: LookDependencies, ref: ConnectionRef): Promise<OpenedApplication> {
  const row = await requireConnection(deps, ref);
  const connector = findConnector(row.connector);
  if (connector.type === 'Application') return { connector, settings: settingsOf(deps, row), role: row.role };
  throw new AppError('BadRequest', { message: `connection is of type ${connector.type}, this needs an application` });
}
