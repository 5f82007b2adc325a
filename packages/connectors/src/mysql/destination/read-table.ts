import type { WritableTable } from '../../tables/table-columns.js';
import { fieldType } from '../field-types.js';
import type { MysqlSession } from '../session.js';
import type { TextRow } from '../text-query.js';
import { type FoundTable, findTable } from './find-table.js';
import type { MysqlColumn } from './mysql-column.js';
import { quoteIdentifier, quoteText } from './sql-text.js';

const COLUMNS = `
SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'YES', COLUMN_DEFAULT IS NOT NULL, EXTRA, PRIVILEGES, CHARACTER_SET_NAME,
  COLLATION_NAME, COALESCE(DATETIME_PRECISION, 0)
FROM information_schema.COLUMNS`;

/** Unique indexes on the whole of one column. */
const KEYS = `
SELECT MAX(COLUMN_NAME) FROM information_schema.STATISTICS`;

/** A table of MySQL that can be written. */
export interface MysqlTable extends WritableTable<MysqlColumn> {
  readonly found: FoundTable;
}

/** Reads what a table is, by its name as a query names it. Throws AppError `DestinationRefused`, or what the server says. */
export async function readTable(session: MysqlSession, text: string): Promise<MysqlTable> {
  const found = await findTable(session, text);
  const where = `WHERE TABLE_SCHEMA = ${quoteText(found.database)} AND TABLE_NAME = ${quoteText(found.table)}`;
  const rows = await session.query(`${COLUMNS} ${where} ORDER BY ORDINAL_POSITION`);
  const keys = await session.query(`${KEYS} ${where} AND NON_UNIQUE = 0 GROUP BY INDEX_NAME
    HAVING COUNT(*) = 1 AND MAX(SUB_PART) IS NULL AND MAX(COLUMN_NAME) IS NOT NULL ORDER BY 1`);
  const types = await typesOf(session, found, rows);
  return {
    found,
    name: found.name,
    columns: rows.map((row) => columnOf(row, types)),
    keys: [...new Set(keys.map(([name]) => name ?? ''))],
  };
}

type Types = ReadonlyMap<string, ReturnType<typeof fieldType>>;

/** The types as a query of the source sees them: the server describes one that reads them, and nothing is read. */
async function typesOf(session: MysqlSession, { name }: FoundTable, rows: readonly TextRow[]): Promise<Types> {
  const names = rows.filter(([, , , , , privileges]) => may(privileges, 'select')).map(([column]) => column ?? '');
  if (names.length === 0) return new Map();
  const { fields } = await session.prepare(`SELECT ${names.map(quoteIdentifier).join(', ')} FROM ${name}`);
  return new Map(fields.map((field, index) => [names[index] ?? '', fieldType(field)]));
}

function columnOf(row: TextRow, types: Types): MysqlColumn {
  const [name, label, nullable, hasDefault, extra, privileges, characterSet, collation, digits] = row;
  const resolved = types.get(name ?? '');
  const isNullable = nullable === '1';
  const isFilled = hasDefault === '1' || /auto_increment|DEFAULT_GENERATED/i.test(extra ?? '');
  const text = characterSet === null ? '' : ` CHARACTER SET ${characterSet} COLLATE ${collation}`;
  return {
    name: name ?? '',
    label: label ?? '',
    definition: `${label}${text}`,
    type: resolved?.type ?? null,
    wire: resolved?.wire ?? null,
    nullable: isNullable,
    required: !isNullable && !isFilled,
    obstacle: obstacleOf(extra ?? '', privileges ?? ''),
    fractionDigits: Number(digits),
  };
}

function obstacleOf(extra: string, privileges: string): string | null {
  if (/\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED|\bROW (?:START|END)\b/i.test(extra)) return 'is generated';
  const isAllowed = ['select', 'insert', 'update'].every((privilege) => may(privileges, privilege));
  return isAllowed ? null : 'may not be read, inserted and updated by the user: grant that';
}

function may(privileges: string | null | undefined, privilege: string): boolean {
  return (privileges ?? '').split(',').includes(privilege);
}
