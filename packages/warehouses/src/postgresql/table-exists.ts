import type { Session } from './session.js';
import type { TableName } from './warehouse-tables.js';

/** Whether there is a table. */
export async function tableExists(session: Session, table: TableName): Promise<boolean> {
  return (await session.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [table.sql])).length > 0;
}
