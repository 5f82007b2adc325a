import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of one test file. */
export interface TestDatabase {
  /** What the connector is given to reach it. */
  readonly settings: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly database: string;
  };
  /** Executes as the administrator, outside of what is tested. */
  execute(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Creates a database on the server that TEST_DATABASE_URL names; `options` are those of CREATE DATABASE. */
export async function createTestDatabase(options = ''): Promise<TestDatabase> {
  const url = new URL(maintenanceUrl());
  const database = `penstock_connectors_${randomBytes(6).toString('hex')}`;
  await once(url.href, `CREATE DATABASE ${database} ${options}`);
  const own = new URL(url);
  own.pathname = `/${database}`;
  const pool = new pg.Pool({ connectionString: own.href, max: 2 });
  // The server may end a session that waits in the pool, as tests make it do.
  pool.on('error', () => undefined);
  return {
    settings: {
      host: url.hostname,
      port: Number(url.port || 5432),
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database,
    },
    execute: async (sql, values = []) => (await pool.query<Record<string, unknown>>(sql, [...values])).rows,
    drop: async () => {
      await pool.end();
      await once(url.href, `DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}

function maintenanceUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined)
    throw new Error('TEST_DATABASE_URL must name a maintenance database of a PostgreSQL test server');
  return url;
}

async function once(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
