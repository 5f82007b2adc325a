import type { SourceColumn } from '@penstock/engine';
import { isPropertyName } from '@penstock/language';
import type { FieldDef } from 'pg';
import type { TypeCatalog } from './type-catalog.js';

/** What can be read of a query's columns. */
export interface ColumnPlan {
  readonly columns: readonly SourceColumn[];
  /** Positions of the columns in the query. */
  readonly kept: readonly number[];
  /** Why the others are left out. */
  readonly issues: readonly string[];
}

/** Decides which columns of a query are read, and as what. A column that cannot be read is left out, with an issue. */
export function planColumns(fields: readonly FieldDef[], catalog: TypeCatalog): ColumnPlan {
  const columns: SourceColumn[] = [];
  const kept: number[] = [];
  const issues: string[] = [];
  const positions = new Map<string, number>();
  for (const [index, field] of fields.entries()) {
    const column = readColumn(field, index, positions.get(field.name), catalog);
    if (!positions.has(field.name)) positions.set(field.name, index);
    if (typeof column === 'string') {
      issues.push(column);
    } else {
      columns.push(column);
      kept.push(index);
    }
  }
  return { columns, kept, issues };
}

/** The column, or why it is left out. */
function readColumn(
  field: FieldDef,
  index: number,
  first: number | undefined,
  catalog: TypeCatalog,
): SourceColumn | string {
  const { name, dataTypeID, dataTypeModifier } = field;
  if (!isPropertyName(name)) {
    return `column ${index + 1} has the name "${name}", which is not a valid property name; rename it with AS in the query`;
  }
  if (first !== undefined) {
    return `column ${index + 1} has the name "${name}" of column ${first + 1}; rename one of them with AS in the query`;
  }
  const resolved = catalog.resolve(dataTypeID, dataTypeModifier);
  if (resolved === undefined) {
    const label = catalog.label(dataTypeID);
    return `column "${name}" has type "${label}", which is not supported; cast it in the query, for example to text`;
  }
  const { type, decoder } = resolved;
  return decoder === undefined ? { name, type } : { name, type, decode: decoder(name) };
}
