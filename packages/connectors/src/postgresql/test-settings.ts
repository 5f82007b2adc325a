import { AppError } from '@penstock/domain';
import { connectError } from './connect-error.js';
import { PostgresqlSession } from './session.js';
import type { PostgresqlSettings } from './settings.js';

const SCHEMA_ACCESS = `
SELECT n.oid IS NOT NULL AS exists, coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) AS usable
FROM (VALUES ($1)) AS wanted (name) LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name`;

interface SchemaAccess {
  readonly exists: boolean;
  readonly usable: boolean;
}

/**
 * Connects and looks whether tables of the schema could be read. Throws AppError `SourceUnavailable` or `SourceRefused` with a
 * sentence that names the setting to look at.
 */
export async function testPostgresql(settings: PostgresqlSettings, signal: AbortSignal): Promise<void> {
  const session = await PostgresqlSession.connect(settings, signal);
  const destroy = () => void session.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    const [access] = await session.rows<SchemaAccess & Record<string, unknown>>(SCHEMA_ACCESS, [settings.schema]);
    const problem = schemaProblem(access ?? { exists: false, usable: false }, settings);
    if (problem !== null) throw new AppError('SourceRefused', { message: problem });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : connectError(error, settings);
  } finally {
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}

function schemaProblem(
  { exists, usable }: SchemaAccess,
  { schema, database, username }: PostgresqlSettings,
): string | null {
  if (!exists) return `schema "${schema}" does not exist in database "${database}": check schema`;
  if (!usable) return `user "${username}" may not use schema "${schema}": grant it USAGE, or check username and schema`;
  return null;
}
