import type { TableColumn } from '../../tables/table-columns.js';
import type { Wire } from '../wire.js';

/** A column of a table of MySQL. */
export interface MysqlColumn extends TableColumn {
  /** How a source reads it, which tells bytes from text. */
  readonly wire: Wire | null;
  /** Its type, with character set and collation, as a definition of a table has it. */
  readonly definition: string;
  /** Digits of fractions of seconds that it keeps. */
  readonly fractionDigits: number;
}
