import type { Source } from '@penstock/engine';
import { type ConnectionPools, createConnectionPools } from '../src/index.js';
import { postgresql } from '../src/postgresql/postgresql.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A database of the test's own, and the connector on it. */
export interface PostgresqlTest extends TestDatabase {
  readonly source: (query: string) => Source;
  readonly pools: ConnectionPools;
  /** Counts the sessions of the connector for which an SQL condition on pg_stat_activity holds. */
  sessions(condition?: string): Promise<number>;
}

export const OUR_SESSIONS = "datname = current_database() AND application_name = 'penstock'";

export { postgresql };

/** Creates a database; `settings` replace some of the connector's, `options` are those of CREATE DATABASE. */
export async function openPostgresql(settings: Record<string, unknown> = {}, options = ''): Promise<PostgresqlTest> {
  const database = await createTestDatabase(options);
  const pools = createConnectionPools();
  return {
    ...database,
    source: (query) => postgresql.openSource({ ...database.settings, ...settings }, query, pools),
    pools,
    sessions: async (condition = 'true') => {
      const count = `SELECT count(*) FROM pg_stat_activity WHERE ${OUR_SESSIONS} AND ${condition}`;
      return Number((await database.execute(count))[0]?.count);
    },
    drop: async () => {
      await pools.close();
      await database.drop();
    },
  };
}
