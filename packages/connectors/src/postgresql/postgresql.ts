import { defineDatabaseConnector } from '../connector.js';
import { PostgresqlDestination, postgresqlTableSchema } from './destination/destination.js';
import { listPostgresqlTables } from './list-tables.js';
import { queryPostgresql } from './query.js';
import { postgresqlSettings } from './settings.js';
import { PostgresqlSource } from './source.js';
import { testPostgresql } from './test-settings.js';

/** PostgreSQL 12 and later, and what speaks its protocol and COPY. */
export const postgresql = defineDatabaseConnector({
  code: 'postgresql',
  label: 'PostgreSQL',
  settingsSchema: postgresqlSettings,
  sampleQuery: 'SELECT *\nFROM users\n',
  openSource: (settings, query, pools) => new PostgresqlSource(settings, query, pools),
  query: queryPostgresql,
  tables: listPostgresqlTables,
  tableSchema: postgresqlTableSchema,
  openDestination: (settings, table) => new PostgresqlDestination(settings, table),
  test: testPostgresql,
});
