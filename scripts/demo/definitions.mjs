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
    property('newsletter_since', { kind: 'date' }),
  ],
};

/** What people are known by, whichever source knows them. */
export const IDENTIFIERS = ['email'];

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

/** The table that the demo exports to. */
export const CUSTOMERS_TABLE = 'customers';

/** Its files, below the root of the file connections. Whose directory that is may have others. */
export const NEWSLETTER_FILE = 'penstock-demo/newsletter.csv';
export const PROFILES_FILE = 'penstock-demo/profiles.csv';

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
    outSchema: schemaOf(Object.keys(MAPPING)),
    transformation: { mapping: MAPPING, function: null },
  };
}

/**
 * The file storage of the demo.
 * @param {string} name
 * @param {'Source' | 'Destination'} role
 */
export function filesDefinition(name, role) {
  return { name, role, connector: 'filesystem', settings: {} };
}

/**
 * @param {number} connection
 * @param {unknown} inSchema what the file has
 */
export function newsletterDefinition(connection, inSchema) {
  return {
    connection,
    target: 'User',
    name: 'Import newsletter',
    enabled: true,
    format: 'csv',
    path: NEWSLETTER_FILE,
    userIDColumn: 'email',
    inSchema,
    outSchema: schemaOf(['email', 'newsletter_since']),
    transformation: { mapping: { email: 'lower(email)', newsletter_since: 'subscribed_on' } },
  };
}

/** @param {string} databaseUrl */
export function customersConnectionDefinition(databaseUrl) {
  return {
    name: 'Marketing database',
    role: 'Destination',
    connector: 'postgresql',
    settings: databaseSettings(databaseUrl),
  };
}

const CUSTOMER_MAPPING = {
  email: 'email',
  full_name: "first_name ' ' last_name",
  country: 'country',
  plan: 'plan',
  lifetime_value: 'lifetime_value',
  newsletter_since: 'newsletter_since',
};

/**
 * @param {number} connection
 * @param {{ kind: string, properties: { name: string }[] }} table its columns; some are none of ours
 */
export function customersExportDefinition(connection, { kind, properties }) {
  const outSchema = { kind, properties: properties.filter(({ name }) => Object.hasOwn(CUSTOMER_MAPPING, name)) };
  return {
    connection,
    target: 'User',
    name: 'Export customers',
    enabled: true,
    tableName: CUSTOMERS_TABLE,
    tableKey: 'email',
    inSchema: schemaOf(['email', 'first_name', 'last_name', 'country', 'plan', 'lifetime_value', 'newsletter_since']),
    outSchema,
    transformation: { mapping: CUSTOMER_MAPPING },
  };
}

/** @param {number} connection */
export function profilesFileDefinition(connection) {
  return {
    connection,
    target: 'User',
    name: 'Export profiles to a file',
    enabled: true,
    format: 'csv',
    path: PROFILES_FILE,
    orderBy: 'email',
    inSchema: PROFILE_SCHEMA,
  };
}

/**
 * Some of the properties of the profile schema.
 * @param {string[]} names
 */
function schemaOf(names) {
  return { kind: 'object', properties: PROFILE_SCHEMA.properties.filter(({ name }) => names.includes(name)) };
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
