import { AppError } from '@penstock/domain';
import { type Property, typeToJson } from '@penstock/language';
import { databaseOf, type LookDependencies } from './connection-looks.js';
import type { ConnectionRef } from './connections.js';

/** What can be written to a table. */
export interface WritableTable {
  /** JSON of its columns, with the flags that the out schema of a pipeline has. */
  readonly schema: unknown;
  /** Columns that each row must have. */
  readonly required: string[];
  readonly keys: string[];
  readonly issues: string[];
}

/** What can be written to a table of a destination. @throws AppError as the connector's `tableSchema` */
export async function getTableSchema(
  deps: LookDependencies,
  { name, ...ref }: ConnectionRef & { readonly name: string },
  signal: AbortSignal,
): Promise<WritableTable> {
  const { connector, settings, role } = await databaseOf(deps, ref);
  if (role !== 'Destination') {
    throw new AppError('BadRequest', { message: 'connection is a source, this needs a destination' });
  }
  const { schema, keys, issues } = await connector.tableSchema(settings, name, signal);
  const { properties } = schema;
  return {
    schema: typeToJson({ ...schema, properties: properties.map((property) => toColumn(property, keys)) }),
    required: properties.filter(({ createRequired }) => createRequired === true).map((property) => property.name),
    keys: [...keys],
    issues: [...issues],
  };
}

/** In the out schema of a pipeline the key is createRequired, and nothing else: which one it is, is clear where there is but one. */
function toColumn({ createRequired: _, ...property }: Property, keys: readonly string[]): Property {
  const isKey = keys.length === 1 && keys[0] === property.name;
  return isKey ? { ...property, createRequired: true } : property;
}
