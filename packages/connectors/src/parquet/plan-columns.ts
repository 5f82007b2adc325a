import { AppError } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import { nameColumns } from '../files/column-names.js';
import type { FileColumn } from '../files/file-format.js';
import { MAX_FILE_COLUMNS } from '../files/limits.js';
import { unreadable } from './corrupt.js';
import type { SchemaElement } from './schema-element.js';
import { isOptional, schemaColumns } from './schema-tree.js';
import { type Shape, ShapeFinder } from './shape.js';

/** A column that is read, and where its values are. */
export interface PlannedColumn {
  readonly column: FileColumn;
  readonly shape: Shape;
}

export interface ColumnPlan {
  readonly columns: readonly PlannedColumn[];
  /** Why the others are left out. */
  readonly issues: readonly string[];
}

/**
 * Decides which columns of a file are read, and as what: all that can be, or of them those that are expected.
 * @throws AppError InvalidFile, NoColumnsFound
 */
export function planColumns(schema: readonly SchemaElement[], expected: ObjectType | null): ColumnPlan {
  const nodes = schemaColumns(schema);
  if (nodes.length > MAX_FILE_COLUMNS) {
    throw unreadable(`it has ${nodes.length} columns, at most ${MAX_FILE_COLUMNS} are read`);
  }
  const finder = new ShapeFinder();
  const named = nameColumns(nodes.map(({ element }) => element.name));
  const columns: PlannedColumn[] = [];
  for (const [index, node] of nodes.entries()) {
    const column = named.columns[index];
    const shape = column === undefined ? undefined : finder.column(node, column.name);
    if (column === undefined || shape === undefined) continue;
    columns.push({ column: { ...column, type: shape.type, nullable: isOptional(node) }, shape });
  }
  const issues = [...named.issues, ...finder.issues];
  if (columns.length === 0) throw noColumns(issues);
  return { columns: wanted(columns, expected), issues };
}

/** Where none is expected that there is, all are listed: what comes next says which are missing. */
function wanted(columns: readonly PlannedColumn[], expected: ObjectType | null): readonly PlannedColumn[] {
  if (expected === null) return columns;
  const names = new Set(expected.properties.map(({ name }) => name));
  const found = columns.filter(({ column }) => names.has(column.name));
  return found.length === 0 ? columns : found;
}

function noColumns(issues: readonly string[]): AppError {
  const why = issues[0] ?? 'its schema is empty';
  return new AppError('NoColumnsFound', { message: `the file has no columns that can be read: ${why}` });
}
