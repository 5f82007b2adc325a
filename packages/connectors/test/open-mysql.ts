import { randomBytes } from 'node:crypto';
import type { Source } from '@penstock/engine';
import { createConnection, createPool, type RowDataPacket } from 'mysql2/promise';
import { describe } from 'vitest';
import { type ConnectionPools, createConnectionPools } from '../src/index.js';
import { mysql } from '../src/mysql/mysql.js';

export { mysql };

/** A database of the test's own, and the connector on it. */
export interface MysqlTest {
  /** What the connector is given to reach it: a user of the test's own, who may do everything in the database. */
  readonly settings: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly database: string;
  };
  readonly source: (query: string) => Source;
  readonly pools: ConnectionPools;
  /** Executes as the administrator, outside of what is tested. */
  execute(sql: string, values?: readonly (string | null)[]): Promise<readonly Record<string, unknown>[]>;
  /** Counts the sessions of the connector for which an SQL condition on PROCESSLIST holds. */
  sessions(condition?: string): Promise<number>;
  /** Ends all sessions of the connector, as an administrator does. */
  endSessions(): Promise<void>;
  drop(): Promise<void>;
}

/** Tests with a MySQL or MariaDB server; skipped where the test command found none. */
export function describeMysql(name: string, define: () => void): void {
  const { TEST_MYSQL_URL: url, TEST_MYSQL_MISSING: reason = 'TEST_MYSQL_URL names no server' } = process.env;
  if (url === undefined) describe.skip(`${name} (there is no MySQL: ${reason})`, define);
  else describe(name, define);
}

/** Creates a database on the server that TEST_MYSQL_URL names, and a user. */
export async function openMysql(): Promise<MysqlTest> {
  const url = new URL(serverUrl());
  const name = `penstock_${randomBytes(6).toString('hex')}`;
  const user = `${name}@'%'`;
  const account = { password: 'pass\'word "\\ é', host: url.hostname, port: Number(url.port || 3306) };
  await asAdministrator([
    `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
    `CREATE USER ${user} IDENTIFIED BY 'pass''word "\\\\ é'`,
    `GRANT ALL PRIVILEGES ON ${name}.* TO ${user}`,
    // Only so that nothing but the connector keeps a query from writing files.
    `GRANT FILE ON *.* TO ${user}`,
  ]);
  const settings = { ...account, username: name, database: name };
  const pool = createPool({ uri: url.href, database: name, connectionLimit: 2, multipleStatements: true });
  const pools = createConnectionPools();
  const execute: MysqlTest['execute'] = async (sql, values = []) => {
    const [rows] = await pool.query<RowDataPacket[]>(sql, [...values]);
    return Array.isArray(rows) ? rows : [];
  };
  const processes = `information_schema.PROCESSLIST WHERE USER = '${name}'`;
  return {
    settings,
    source: (query) => mysql.openSource(settings, query, pools),
    pools,
    execute,
    sessions: async (condition = 'TRUE') =>
      Number((await execute(`SELECT COUNT(*) AS count FROM ${processes} AND (${condition})`))[0]?.count),
    endSessions: async () => {
      const ids = await execute(`SELECT ID AS id FROM ${processes}`);
      for (const { id } of ids) await execute(`KILL CONNECTION ${id}`).catch(() => undefined);
    },
    drop: async () => {
      await pools.close();
      await pool.end();
      await asAdministrator([`DROP DATABASE ${name}`, `DROP USER ${user}`]);
    },
  };
}

/** Executes statements as the administrator, on a connection of its own. */
export async function asAdministrator(statements: readonly string[]): Promise<void> {
  const connection = await createConnection(serverUrl());
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

function serverUrl(): string {
  const url = process.env.TEST_MYSQL_URL;
  if (url === undefined) throw new Error('TEST_MYSQL_URL must name a MySQL or MariaDB test server');
  return url;
}
