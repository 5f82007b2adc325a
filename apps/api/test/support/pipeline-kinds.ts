import { API_DEFINITION } from '@penstock/shared/testing';
import type { TestApi } from './test-api.js';

export const property = (name: string, type: object, flags: object = {}) => ({ name, type, ...flags, description: '' });
export const schema = (...properties: object[]) => ({ kind: 'object', properties });
export const mapping = (expressions: object) => ({ transformation: { mapping: expressions } });
export const condition = (name: string, operator: string, ...values: string[]) => ({
  logical: 'and',
  conditions: [{ property: name, operator, ...(values.length > 0 && { values }) }],
});

export const TEXT = { kind: 'string' };
const OPTIONAL = { readOptional: true };
const CITY = property('address', schema(property('city', TEXT, OPTIONAL)), OPTIONAL);

/** The properties of the profile schema that the workspaces of these tests have. */
export const PROFILE = {
  email: property('email', TEXT, OPTIONAL),
  country: property('country', TEXT, OPTIONAL),
  age: property('age', { kind: 'int', bitSize: 32 }, OPTIONAL),
  number: property('number', { kind: 'decimal', precision: 10 }, OPTIONAL),
  score: property('score', { kind: 'decimal', precision: 10, scale: 2 }, OPTIONAL),
  vip: property('vip', { kind: 'boolean' }, OPTIONAL),
  key: property('key', { kind: 'uuid' }, OPTIONAL),
  data: property('data', { kind: 'json' }, OPTIONAL),
  address: CITY,
};

const { kind: _, filter: __, ...databaseImport } = API_DEFINITION;

const columns = {
  userIDColumn: 'id',
  updatedAtColumn: null,
  updatedAtFormat: null,
};

const importOf = (...input: object[]) => ({
  incremental: false,
  inSchema: schema(...input),
  outSchema: schema(PROFILE.email),
  transformation: { mapping: { email: 'email' }, function: null },
  maxRemovedShare: null,
  cursorOverlapSeconds: 300,
});

/** For each kind: the connection that it belongs to, and a definition that is accepted, with all of its members. */
export const KINDS = {
  'import-from-database': {
    ...{ connector: 'postgresql', connectorType: 'Database', role: 'Source' },
    definition: {
      ...databaseImport,
      ...{ incremental: true, transformation: { mapping: { email: 'email' }, function: null } },
      ...{ maxRemovedShare: 0.5, cursorOverlapSeconds: 60 },
    },
  },
  'import-from-file': {
    ...{ connector: 'filesystem', connectorType: 'FileStorage', role: 'Source' },
    definition: {
      ...{ format: 'csv', path: 'users-*.csv', sheet: null, compression: 'Gzip' },
      formatSettings: { separator: ';', hasColumnNames: true, trimLeadingSpace: false },
      filter: condition('email', 'contains', '@'),
      ...columns,
      ...importOf(property('id', TEXT), property('email', TEXT)),
    },
  },
  'import-from-application': {
    ...{ connector: 'http-application', connectorType: 'Application', role: 'Source' },
    definition: {
      filter: condition('email', 'exists'),
      ...importOf(property('email', TEXT, { readOptional: true, nullable: true })),
      incremental: true,
    },
  },
  'export-to-database': {
    ...{ connector: 'postgresql', connectorType: 'Database', role: 'Destination' },
    definition: {
      filter: condition('country', 'is', 'CH'),
      ...{ tableName: 'shop."Users"', tableKey: 'id', onLeave: 'delete' },
      inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.age),
      outSchema: schema(
        property('id', TEXT, { createRequired: true }),
        property('years', { kind: 'int', bitSize: 16 }, { nullable: true }),
      ),
      transformation: { mapping: { id: 'email', years: 'age' }, function: null },
      maxRemovedShare: 0.1,
    },
  },
  'export-to-file': {
    ...{ connector: 'filesystem', connectorType: 'FileStorage', role: 'Destination' },
    definition: {
      ...{ format: 'csv', path: 'out/users-${today}.csv.gz', sheet: null, compression: 'Gzip' },
      formatSettings: { separator: ';' },
      orderBy: 'address.city',
      filter: condition('country', 'is one of', 'CH', 'IT'),
      inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.address, PROFILE.data),
    },
  },
  'export-to-application': {
    ...{ connector: 'http-application', connectorType: 'Application', role: 'Destination' },
    definition: {
      filter: condition('vip', 'is true'),
      matching: { in: 'email', out: 'mail' },
      ...{ exportMode: 'CreateOrUpdate', updateOnDuplicates: true, onLeave: 'delete' },
      inSchema: schema(PROFILE.email, PROFILE.country, PROFILE.vip),
      outSchema: schema(
        property('mail', TEXT, { createRequired: true, readOptional: true }),
        property('land', TEXT, { createRequired: true, updateRequired: true }),
      ),
      transformation: { mapping: { land: 'country' }, function: null },
      maxRemovedShare: 0.2,
    },
  },
} as const;

export type Kind = keyof typeof KINDS;

/** A workspace with the profile schema above, a key of it, and a connection for each kind. */
export async function createKindsTenant(api: TestApi) {
  const { workspace, key } = await api.tenant();
  await api.control.query('UPDATE workspaces SET profile_schema = $2 WHERE id = $1', [
    workspace,
    schema(...Object.values(PROFILE)),
  ]);
  const connections = new Map<Kind, number>();
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const { connector, role } = KINDS[kind];
    const settings = connector === 'filesystem' ? {} : undefined;
    connections.set(kind, await api.make.connection(workspace, { connector, role, ...(settings && { settings }) }));
  }
  const bodyOf = (kind: Kind, changes: object = {}) => ({
    ...{ connection: connections.get(kind), target: 'User', name: 'Users', enabled: true },
    ...KINDS[kind].definition,
    ...changes,
  });
  return { workspace, key, bodyOf };
}
