import type { ConnectionConnector } from '@penstock/connectors';
import { CONNECTION_ROLES, type ConnectionRole } from '@penstock/domain';
import { refuse } from '../../contracts/violations.js';

/** The roles that a connection with a connector can have. */
export function rolesOf(connector: ConnectionConnector): readonly ConnectionRole[] {
  return connector.type === 'Database' ? CONNECTION_ROLES : connector.roles;
}

/** @throws AppError BadRequest when the connector cannot be what the role says */
export function requireRole(connector: ConnectionConnector, role: ConnectionRole): void {
  const roles = rolesOf(connector);
  if (roles.includes(role)) return;
  const can = role === 'Source' ? 'can only be written' : 'can only be read';
  throw refuse([{ path: 'role', message: `must be ${JSON.stringify(roles[0])}: ${connector.label} ${can}` }]);
}
