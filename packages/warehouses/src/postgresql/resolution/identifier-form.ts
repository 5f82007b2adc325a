import { AppError } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { ResolutionRequest } from '../../warehouse-platform.js';

/** Longer texts would not fit into an index. */
const MAX_BYTES = 500;
/** With more there could be too many patterns of which of them an identity has. */
const MAX_IDENTIFIERS = 10;

/** The columns of the identifiers. Throws AppErrors PropertyNotExist and TypeNotAllowed. */
export function identifierColumnsOf({ columns, identifiers }: ResolutionRequest): WarehouseColumn[] {
  if (identifiers.length > MAX_IDENTIFIERS) {
    throw new AppError('BadRequest', { message: `at most ${MAX_IDENTIFIERS} identifiers are possible` });
  }
  const byPath = new Map(columns.map((column) => [column.path, column]));
  return identifiers.map((path) => {
    const column = byPath.get(path);
    if (column === undefined) {
      throw new AppError('PropertyNotExist', { message: `identifier ${path} does not exist in the profile schema` });
    }
    if (!isComparable(column)) {
      throw new AppError('TypeNotAllowed', {
        message: `identifier ${path} must be a string, int, uuid, ip or decimal with scale 0`,
      });
    }
    return column;
  });
}

function isComparable({ type }: WarehouseColumn): boolean {
  if (type.kind === 'decimal') return (type.scale ?? 0) === 0;
  return type.kind === 'string' || type.kind === 'int' || type.kind === 'uuid' || type.kind === 'ip';
}

/**
 * A text that is the same exactly where two values are the same: all kinds but strings are written in one way only. Long strings are
 * cut, and their digest appended; they stay longer than any that is not cut.
 */
export function comparedForm({ column, type }: WarehouseColumn, alias: string): string {
  const value = `${alias}.${quoteIdentifier(column)}::text COLLATE "C"`;
  if (type.kind !== 'string') return `(${value})`;
  return `(CASE WHEN octet_length(${value}) <= ${MAX_BYTES} THEN ${value}
    ELSE left(${value}, ${MAX_BYTES}) || encode(sha256(convert_to(${value}, 'UTF8')), 'hex') END)`;
}
