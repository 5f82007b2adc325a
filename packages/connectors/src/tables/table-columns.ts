import { isPropertyName, type ObjectType, type Property, type Type } from '@penstock/language';
import type { TableSchema } from '../connector.js';

/** A column of a table, as an export sees it. */
export interface TableColumn {
  readonly name: string;
  /** Its type as a source sees it; null where that is not supported. */
  readonly type: Type | null;
  /** Its type as the database calls it. */
  readonly label: string;
  readonly nullable: boolean;
  /** Whether a new row must have a value for it: it is not nullable and has no default. */
  readonly required: boolean;
  /** Why nobody can write it, as the end of a sentence: `is generated`; null when it can be written. */
  readonly obstacle: string | null;
}

/** A table that can be written. */
export interface WritableTable<Column extends TableColumn> {
  /** Its name with its schema, quoted, as a statement has it. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** Names of the columns that have a unique index of their own. */
  readonly keys: readonly string[];
}

/** What a table is, for whoever defines an export to it. */
export function tableSchemaOf({ columns, keys }: WritableTable<TableColumn>): TableSchema {
  const properties: Property[] = [];
  const issues: string[] = [];
  for (const column of columns) {
    const issue = issueOf(column);
    if (issue === null && column.type !== null) properties.push(property(column, column.type));
    else issues.push(`column "${column.name}" ${issue}`);
  }
  const names = new Set(properties.map(({ name }) => name));
  const schema: ObjectType = { kind: 'object', properties };
  return { schema, keys: keys.filter((key) => names.has(key)), issues };
}

function property({ name, nullable, required }: TableColumn, type: Type): Property {
  return {
    name,
    type,
    ...(required && { createRequired: true }),
    ...(nullable && { nullable: true }),
    description: '',
  };
}

function issueOf({ name, type, label, obstacle }: TableColumn): string | null {
  if (!isPropertyName(name)) return 'cannot be written: its name is not a valid property name';
  if (obstacle !== null) return `cannot be written: it ${obstacle}`;
  return type === null ? `cannot be written: it has type "${label}", which is not supported` : null;
}
