import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { identifierColumns, type Resolution } from './resolution.js';

/** The columns that the table of memberships has for identifiers. */
export async function identifierColumnsIn(session: Session, table: TableName): Promise<string[]> {
  const columns = await session.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attname ~ '^i[0-9]+$'`,
    [table.sql],
  );
  return columns.map(({ name }) => name);
}

/** Makes sure that there is a column for each identifier, ahead of the resolution's transaction: readers would wait for its end. */
export async function ensureIdentifierColumns(
  session: Session,
  table: TableName,
  identifiers: Resolution['identifiers'],
): Promise<void> {
  const existing = await identifierColumnsIn(session, table);
  const missing = identifierColumns({ identifiers }).filter((column) => !existing.includes(column));
  if (missing.length === 0) return;
  const added = missing.map((column) => `ADD COLUMN ${column} text COLLATE "C"`);
  await session.query(`ALTER TABLE ${table.sql} ${added.join(', ')}`);
}
