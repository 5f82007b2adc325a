import type { ErrorDetail } from '@penstock/domain';
import { isPropertyName, type Kind, type ObjectType } from '@penstock/language';

/** A member that names a property at the top of a schema. */
export interface NamedColumn {
  readonly member: string;
  readonly column: string;
  readonly kinds: readonly Kind[];
  /** Name of the member with the schema. */
  readonly of: 'inSchema' | 'outSchema';
}

/** Rules for a column that a member names, as far as its schema is known. */
export function namedColumnRules(
  { member: path, column, kinds, of }: NamedColumn,
  schema: ObjectType | undefined,
): ErrorDetail[] {
  if (!isPropertyName(column)) return [{ path, message: 'must be the name of a property: letters, digits and "_"' }];
  if (schema === undefined) return [];
  const kind = schema.properties.find(({ name }) => name === column)?.type.kind;
  if (kind === undefined) return [{ path, message: `is not in ${of}: there is no property "${column}"` }];
  return kinds.includes(kind) ? [] : [{ path, message: `must have kind ${kinds.join(', ')}; it has ${kind}` }];
}
