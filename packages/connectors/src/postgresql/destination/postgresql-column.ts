import type { TableColumn } from '../../tables/table-columns.js';

/** A column of a table of PostgreSQL. */
export interface PostgresqlColumn extends TableColumn {
  /** Its type. */
  readonly oid: number;
  /** The type whose values are compared with those of the column: without a length, and what a domain restricts. */
  readonly comparable: string;
  /** ` COLLATE "schema"."name"`, or empty for that of the database and for types without one. */
  readonly collation: string;
  /** Whether only equal texts are equal by its collation. */
  readonly deterministic: boolean;
}
