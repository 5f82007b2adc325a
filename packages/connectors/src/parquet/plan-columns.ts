import { AppError } from '@penstock/domain';
import { isPropertyName, type ObjectType } from '@penstock/language';
import type { FileColumn } from '../files/file-format.js';
import { MAX_FILE_COLUMNS } from '../files/limits.js';
import { unreadable } from './corrupt.js';
import type { SchemaElement } from './schema-element.js';
import { isOptional, type SchemaNode, schemaColumns } from './schema-tree.js';
import { type Shape, ShapeFinder, shown } from './shape.js';

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
  const first = new Map<string, number>();
  const columns: PlannedColumn[] = [];
  for (const [index, node] of nodes.entries()) {
    const { name } = node.element;
    const problem = nameProblem(node, index, first.get(name));
    if (!first.has(name)) first.set(name, index);
    if (problem !== undefined) finder.issues.push(problem);
    const shape = problem === undefined ? finder.column(node) : undefined;
    if (shape === undefined) continue;
    columns.push({ column: { name, type: shape.type, nullable: isOptional(node) }, shape });
  }
  if (columns.length === 0) throw noColumns(finder.issues);
  return { columns: wanted(columns, expected), issues: finder.issues };
}

/** Where none is expected that there is, all are listed: what comes next says which are missing. */
function wanted(columns: readonly PlannedColumn[], expected: ObjectType | null): readonly PlannedColumn[] {
  if (expected === null) return columns;
  const names = new Set(expected.properties.map(({ name }) => name));
  const found = columns.filter(({ column }) => names.has(column.name));
  return found.length === 0 ? columns : found;
}

function nameProblem({ element: { name } }: SchemaNode, index: number, first: number | undefined): string | undefined {
  if (!isPropertyName(name)) {
    return `column ${index + 1} has the name "${shown(name)}", which is not a valid property name; rename it in the file`;
  }
  if (first === undefined) return undefined;
  return `column ${index + 1} has the name "${shown(name)}" of column ${first + 1}; rename one of them in the file`;
}

function noColumns(issues: readonly string[]): AppError {
  const why = issues[0] ?? 'its schema is empty';
  return new AppError('NoColumnsFound', { message: `the file has no columns that can be read: ${why}` });
}
