/** Everything that the demo creates, as a user would send it. */

export const PROFILE_SCHEMA = {
  kind: 'object',
  properties: [
    property('email', { kind: 'string', maxLength: 254 }),
    property('first_name', { kind: 'string', maxLength: 100 }),
    property('last_name', { kind: 'string', maxLength: 100 }),
    property('country', { kind: 'string', maxLength: 2 }),
    property('plan', { kind: 'string', maxLength: 20 }),
    property('signed_up_on', { kind: 'date' }),
    property('lifetime_value', { kind: 'decimal', precision: 10, scale: 2 }),
  ],
};

export const QUERY = `SELECT id, email, first_name, last_name, country, plan, signup_date, lifetime_value, updated_at
FROM users
WHERE updated_at >= \${updated_at} OR \${updated_at} IS NULL`;

const MAPPING = {
  email: 'lower(email)',
  first_name: 'first_name',
  last_name: 'last_name',
  country: 'country',
  plan: 'initcap(plan)',
  signed_up_on: 'signup_date',
  lifetime_value: 'lifetime_value',
};

/** @param {string} warehouseUrl */
export function workspaceDefinition(warehouseUrl) {
  return {
    name: 'Demo',
    profileSchema: PROFILE_SCHEMA,
    warehouse: { platform: 'PostgreSQL', mode: 'Normal', settings: databaseSettings(warehouseUrl) },
  };
}

/** @param {string} sourceUrl */
export function connectionDefinition(sourceUrl) {
  return { name: 'Shop database', role: 'Source', connector: 'postgresql', settings: databaseSettings(sourceUrl) };
}

/**
 * @param {number} connection
 * @param {unknown} inSchema what the query returns
 */
export function pipelineDefinition(connection, inSchema) {
  return {
    connection,
    target: 'User',
    name: 'Import users',
    enabled: true,
    query: QUERY,
    userIDColumn: 'id',
    updatedAtColumn: 'updated_at',
    updatedAtFormat: '',
    incremental: false,
    inSchema,
    outSchema: PROFILE_SCHEMA,
    transformation: { mapping: MAPPING, function: null },
  };
}

/**
 * @param {string} name
 * @param {object} type
 */
function property(name, type) {
  return { name, type, readOptional: true, description: '' };
}

/** @param {string} databaseUrl */
function databaseSettings(databaseUrl) {
  const url = new URL(databaseUrl);
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    schema: 'public',
  };
}
