import type { TestDatabase } from '@penstock/shared/testing';

/** Thirteen columns: what a table of users has. */
const COLUMNS: readonly (readonly [
  name: string,
  type: Record<string, unknown>,
  sqlType: string,
  expression: string,
])[] = [
  ['id', { kind: 'string' }, 'text', `'user-' || i`],
  ['email', { kind: 'string' }, 'text', `'First' || i || '.Last' || (i % 977) || '@Example' || (i % 50) || '.com'`],
  ['first_name', { kind: 'string' }, 'text', `'First' || (i % 5000)`],
  ['last_name', { kind: 'string' }, 'text', `'Läst' || (i % 7000)`],
  ['country', { kind: 'string' }, 'text', `chr(65 + i % 26) || chr(65 + i % 25)`],
  ['city', { kind: 'string' }, 'text', `'City ' || (i % 3000)`],
  ['plan', { kind: 'string' }, 'text', `(ARRAY['free', 'basic', 'pro', 'team'])[1 + i % 4]`],
  ['logins', { kind: 'int', bitSize: 32 }, 'integer', `i % 100000`],
  ['score', { kind: 'float', bitSize: 64 }, 'double precision', `(i % 1000) / 7.0`],
  ['lifetime_value', { kind: 'decimal', precision: 12, scale: 2 }, 'numeric(12,2)', `(i % 1000000) / 100.0`],
  ['active', { kind: 'boolean' }, 'boolean', `i % 3 = 0`],
  [
    'signed_up',
    { kind: 'datetime' },
    'timestamptz',
    `timestamptz '2020-01-01 00:00:00+00' + (i % 157680000) * interval '1 second'`,
  ],
  [
    'updated_at',
    { kind: 'datetime' },
    'timestamptz',
    `timestamptz '2026-01-01 00:00:00+00' + (i % 20000000) * interval '1 millisecond'`,
  ],
];

const property = (name: string, type: Record<string, unknown>, flag: 'nullable' | 'readOptional') => ({
  name,
  type,
  [flag]: true,
  description: '',
});

export const IN_SCHEMA = {
  kind: 'object',
  properties: COLUMNS.map(([name, type]) => property(name, type, 'nullable')),
};

/** The same thirteen as properties of a profile: nothing is left out on the way. */
export const PROFILE_SCHEMA = {
  kind: 'object',
  properties: COLUMNS.map(([name, type]) => property(name, type, 'readOptional')),
};

/** The same thirteen as columns of a table that is exported to. */
export const TABLE_SCHEMA = {
  kind: 'object',
  properties: COLUMNS.map(([name, type]) => property(name, type, 'nullable')),
};

/** Copies everything. */
export const PLAIN = { mapping: Object.fromEntries(COLUMNS.map(([name]) => [name, name])) };

export const COLUMN_NAMES = COLUMNS.map(([name]) => name);

export async function createUsers(source: TestDatabase, count: number): Promise<void> {
  const definitions = COLUMNS.map(([name, , type]) => `${name} ${type}`).join(', ');
  const expressions = COLUMNS.map(([, , , expression]) => expression).join(', ');
  await source.query(`DROP TABLE IF EXISTS users`);
  await source.query(`CREATE TABLE users (${definitions})`);
  await source.query(`INSERT INTO users SELECT ${expressions} FROM generate_series(1, $1::int) AS i`, [count]);
  await source.query('CREATE INDEX ON users (id)');
  await source.query('VACUUM ANALYZE users');
}

/** Makes an empty table of the thirteen columns with its unique index. Times are kept as the warehouse keeps them. */
export async function createUsersTable(database: TestDatabase, name: string): Promise<void> {
  const definitions = COLUMNS.map(([column, , type]) => `${column} ${type === 'timestamptz' ? 'timestamp' : type}`);
  await database.query(`CREATE TABLE ${name} (${definitions.join(', ')}, PRIMARY KEY (id))`);
}

/** Fills the profiles of a warehouse, as a resolution leaves them. */
export async function createProfiles(warehouse: TestDatabase, count: number): Promise<void> {
  const expressions = COLUMNS.map(([, , type, expression]) =>
    type === 'timestamptz' ? `(${expression}) AT TIME ZONE 'UTC'` : expression,
  );
  await warehouse.query(
    `INSERT INTO penstock_profiles (_id, _revision, _created, _updated_at, ${COLUMN_NAMES.join(', ')})
     SELECT gen_random_uuid(), 1, 1, timestamp '2026-01-01', ${expressions.join(', ')} FROM generate_series(1, $1::int) AS i`,
    [count],
  );
  await warehouse.query('VACUUM ANALYZE penstock_profiles');
}
