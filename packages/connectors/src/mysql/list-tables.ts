import { MAX_TABLES, type TableName } from '../connector.js';
import { quoteName } from './quote-name.js';
import type { MysqlSettings } from './settings.js';
import { withSession } from './with-session.js';

/** Information schema shows what a user has any right on. Sequences of MariaDB are tables there and nothing to import. */
const TABLES = `
SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'SEQUENCE' ORDER BY TABLE_NAME LIMIT ${MAX_TABLES}`;

/** The tables and views of the database that the user may see. */
export async function listMysqlTables(settings: MysqlSettings, signal: AbortSignal): Promise<readonly TableName[]> {
  const rows = await withSession(settings, signal, (session) => session.query(TABLES));
  return rows.map(([name, type]) => ({
    name: quoteName(name ?? ''),
    type: type?.endsWith('VIEW') === true ? 'view' : 'table',
  }));
}
