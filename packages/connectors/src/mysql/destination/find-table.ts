import { AppError } from '@penstock/domain';
import type { MysqlSession } from '../session.js';
import type { TextRow } from '../text-query.js';
import { parseTableName } from './parse-table-name.js';
import { quoteIdentifier, quoteText } from './sql-text.js';

/** A table as the server itself calls it. */
export interface FoundTable {
  readonly database: string;
  readonly table: string;
  /** Its name with its database, quoted, as a statement has it. */
  readonly name: string;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['VIEW', 'a view'],
  ['SYSTEM VIEW', 'a view'],
  ['SEQUENCE', 'a sequence'],
]);
const WRITABLE: ReadonlySet<string> = new Set(['BASE TABLE', 'SYSTEM VERSIONED']);
const SYSTEM: ReadonlySet<string> = new Set(['mysql', 'sys', 'performance_schema', 'information_schema']);

/**
 * Finds a table by its name as a query names it. Throws AppError `DestinationRefused` when it is none that can be written in
 * transactions.
 */
export async function findTable(session: MysqlSession, text: string): Promise<FoundTable> {
  const parsed = parseTableName(text);
  if (parsed === null) throw refused(`"${text}" is not the name of a table`);
  const [database, table] = parsed;
  const schema = database === null ? 'DATABASE()' : quoteText(database);
  const rows = await session.query(`
    SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, t.ENGINE, e.TRANSACTIONS
    FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
    WHERE t.TABLE_SCHEMA = ${schema} AND t.TABLE_NAME = ${quoteText(table)}`);
  // Where names differ by case only, the server may list both.
  const found = rows.find((row) => row[1] === table) ?? rows[0];
  if (found === undefined) throw refused(`table ${text} does not exist, or the user may not see it`);
  return writable(found);
}

function writable([database, table, type, engine, transactions]: TextRow): FoundTable {
  const name = `${quoteIdentifier(database ?? '')}.${quoteIdentifier(table ?? '')}`;
  if (!WRITABLE.has(type ?? '')) throw refused(`${name} is ${KINDS.get(type ?? '') ?? 'no table'}: export to a table`);
  if (SYSTEM.has((database ?? '').toLowerCase())) {
    throw refused(`${name} belongs to the system: export to a table of your own`);
  }
  if (transactions === 'NO') {
    throw refused(`${name} is kept by engine ${engine}, which has no transactions: export to a table of engine InnoDB`);
  }
  return { database: database ?? '', table: table ?? '', name };
}

function refused(message: string): AppError {
  return new AppError('DestinationRefused', { message });
}
