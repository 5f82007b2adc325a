import { AppError, type ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { type Filter, FilterError, type ObjectType, parseFilter, type Type } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import { filterViolations } from '../configuration/pipeline-rules/filter-rules.js';

/** @throws AppError BadRequest with all that is wrong with the filter */
export function readFilter(json: unknown, schema: ObjectType): Filter | null {
  if (json === null) return null;
  try {
    return parseFilter(json, schema, 'export');
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw refuse(filterViolations(error));
  }
}

/** The part of a schema that has the named top-level properties. @throws AppError BadRequest, PropertyNotExist */
export function selectProperties(schema: ObjectType, names: readonly string[]): ObjectType {
  const wanted = new Set(names);
  const at = 'properties';
  if (wanted.size < names.length) throw refuse([{ path: at, message: 'must not name a property twice' }]);
  if (wanted.has('')) throw refuse([{ path: at, message: 'must be names with commas between them' }]);
  const properties = schema.properties.filter(({ name }) => wanted.delete(name));
  const missing: ErrorDetail[] = [...wanted].map((name) => ({
    path: at,
    message: `names "${name}", which is no property at the top of the profile schema`,
  }));
  if (missing.length > 0) throw refuse(missing, 'PropertyNotExist');
  return { kind: 'object', properties };
}

const UNSORTABLE: ReadonlySet<Type['kind']> = new Set(['json', 'array', 'map', 'object']);

/** The column that holds the property to order by. @throws AppError OrderNotExist, OrderTypeNotSortable */
export function orderColumn(path: string, columns: readonly WarehouseColumn[]): WarehouseColumn {
  const column = columns.find((candidate) => candidate.path === path);
  if (column !== undefined && !UNSORTABLE.has(column.type.kind)) return column;
  const isObject = columns.some((candidate) => candidate.path.startsWith(`${path}.`));
  if (column !== undefined || isObject) throw new AppError('OrderTypeNotSortable');
  throw new AppError('OrderNotExist');
}
