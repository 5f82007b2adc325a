import type { Session } from './session.js';

const OLDEST_VERSION = 150_000;

interface Abilities {
  version: number;
  versionText: string;
  encoding: string;
  readOnly: boolean;
  schemaExists: boolean;
  createInSchema: boolean | null;
  createSchema: boolean;
  temporary: boolean;
}

const ABILITIES = `
  SELECT current_setting('server_version_num')::integer AS version, current_setting('server_version') AS "versionText",
         current_setting('server_encoding') AS encoding, current_setting('transaction_read_only')::boolean AS "readOnly",
         named.oid IS NOT NULL AS "schemaExists", has_schema_privilege(named.oid, 'CREATE') AS "createInSchema",
         has_database_privilege(current_database(), 'CREATE') AS "createSchema",
         has_database_privilege(current_database(), 'TEMPORARY') AS temporary
  FROM (SELECT (SELECT oid FROM pg_namespace WHERE nspname = $1) AS oid) AS named`;

/** Why the server, or what the user may do there, is not enough for a warehouse; undefined when it is. */
export async function whyUnusable(session: Session, schema: string): Promise<string | undefined> {
  const [abilities] = await session.query<Abilities & Record<string, unknown>>(ABILITIES, [schema]);
  if (abilities === undefined) return 'the server did not say what it can do';
  return serverFault(abilities) ?? privilegeFault(abilities, schema);
}

function serverFault({ version, versionText, encoding, readOnly }: Abilities): string | undefined {
  if (version < OLDEST_VERSION) return `PostgreSQL 15 or newer is needed, the server is ${versionText}`;
  if (encoding !== 'UTF8') return `the database must have the encoding UTF8, it has ${encoding}`;
  if (readOnly) return 'the server accepts no writes: it is a standby or set to read only';
  return undefined;
}

function privilegeFault(abilities: Abilities, schema: string): string | undefined {
  if (!abilities.schemaExists && !abilities.createSchema) {
    return `schema ${schema} does not exist and the user may not create it: grant CREATE on the database or create the schema`;
  }
  if (abilities.schemaExists && abilities.createInSchema !== true) {
    return `the user may not create tables in schema ${schema}: grant CREATE on the schema`;
  }
  if (!abilities.temporary) return 'the user may not create temporary tables: grant TEMPORARY on the database';
  return undefined;
}
