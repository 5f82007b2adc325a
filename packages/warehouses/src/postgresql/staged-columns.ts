import { AppError } from '@penstock/domain';
import type { ImportTarget, WarehouseColumn } from '@penstock/engine';
import { columnType, RowEncoder, TEXT, TIMESTAMP } from '@penstock/postgresql';

/** The columns of the values of a staged row, in their order. Throws AppError when the warehouse has no such column. */
export function mappedColumns({ columns, mapped }: ImportTarget): WarehouseColumn[] {
  const byPath = new Map(columns.map((column) => [column.path, column]));
  return mapped.map((path) => {
    const column = byPath.get(path);
    if (column !== undefined) return column;
    throw new AppError('SchemaDrift', { message: `the profile schema no longer has the property ${path}` });
  });
}

/** The encoder of rows with these columns behind user id and update time. */
export function encodedColumns(columns: readonly WarehouseColumn[]): RowEncoder {
  return new RowEncoder([
    { path: 'user id', encode: TEXT.encode },
    { path: 'update time', encode: TIMESTAMP.encode },
    ...columns.map(({ path, type }) => ({ path, encode: columnType(type).encode })),
  ]);
}
