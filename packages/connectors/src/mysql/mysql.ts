import { defineDatabaseConnector } from '../connector.js';
import { MysqlDestination, mysqlTableSchema } from './destination/destination.js';
import { listMysqlTables } from './list-tables.js';
import { queryMysql } from './query.js';
import { mysqlSettings } from './settings.js';
import { MysqlSource } from './source.js';
import { testMysql } from './test-settings.js';

/** MySQL 5.7 and later, MariaDB 10.3 and later. */
export const mysql = defineDatabaseConnector({
  code: 'mysql',
  label: 'MySQL',
  settingsSchema: mysqlSettings,
  sampleQuery: 'SELECT *\nFROM users\n',
  openSource: (settings, query, pools) => new MysqlSource(settings, query, pools),
  query: queryMysql,
  tables: listMysqlTables,
  tableSchema: mysqlTableSchema,
  openDestination: (settings, table) => new MysqlDestination(settings, table),
  test: testMysql,
});
