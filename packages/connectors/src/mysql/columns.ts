import type { SourceColumn } from '@penstock/engine';
import { isPropertyName } from '@penstock/language';
import type { FieldDefinition } from './field-definition.js';
import { fieldType, typeLabel } from './field-types.js';
import type { WireColumn } from './row-reader.js';
import { WIRE } from './wire.js';

/** What can be read of a query's columns. */
export interface ColumnPlan {
  readonly columns: readonly SourceColumn[];
  /** All columns of the query, with those that are left out. */
  readonly wires: readonly WireColumn[];
  /** Why some are left out. */
  readonly issues: readonly string[];
}

/** Decides which columns of a query are read, and as what. A column that cannot be read is left out, with an issue. */
export function planColumns(fields: readonly FieldDefinition[]): ColumnPlan {
  const columns: SourceColumn[] = [];
  const wires: WireColumn[] = [];
  const issues: string[] = [];
  const positions = new Map<string, number>();
  for (const [index, field] of fields.entries()) {
    const issue = problemOf(field, index, positions.get(field.name));
    if (!positions.has(field.name)) positions.set(field.name, index);
    const resolved = fieldType(field);
    // What is not supported has its length before it, as geometries and vectors; NULL, as a type, has no values.
    const wire = resolved?.wire ?? WIRE.skipped;
    if (issue !== null || resolved === undefined) {
      issues.push(issue ?? unsupported(field));
      wires.push({ name: field.name, wire, target: -1 });
    } else {
      wires.push({ name: field.name, wire, target: columns.length });
      columns.push({ name: field.name, type: resolved.type });
    }
  }
  return { columns, wires, issues };
}

function problemOf({ name }: FieldDefinition, index: number, first: number | undefined): string | null {
  if (!isPropertyName(name)) {
    return `column ${index + 1} has the name "${name}", which is not a valid property name; rename it with AS in the query`;
  }
  if (first === undefined) return null;
  return `column ${index + 1} has the name "${name}" of column ${first + 1}; rename one of them with AS in the query`;
}

function unsupported(field: FieldDefinition): string {
  return `column "${field.name}" has type "${typeLabel(field)}", which is not supported; cast it in the query, for example to CHAR`;
}
