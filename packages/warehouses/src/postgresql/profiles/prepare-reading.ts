import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { ISO_DATES } from './attributes.js';

/** Prepares a session for reading. Returns whether there is the table: one that was never resolved into has no rows. */
export async function prepareReading(session: Session, table: TableName): Promise<boolean> {
  const [prepared] = await session.query<{ exists: boolean }>(
    `SELECT ${ISO_DATES}, to_regclass($1) IS NOT NULL AS exists`,
    [table.sql],
  );
  return prepared?.exists === true;
}
