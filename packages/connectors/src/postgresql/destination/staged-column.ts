import { identity, type Type, type Value, ValueFailure } from '@penstock/language';
import {
  arrayEncoder,
  encodeBigint,
  encodeBoolean,
  encodeDate,
  encodeDatetime,
  encodeDouble,
  encodeInteger,
  encodeIp,
  encodeNumeric,
  encodeReal,
  encodeSmallint,
  encodeTime,
  encodeUuid,
  type FieldEncoder,
  quoteIdentifier,
  RefusedValue,
  TEXT,
} from '@penstock/postgresql';
import { columnConversion } from '../../tables/fits-column.js';
import type { TypeCatalog } from '../type-catalog.js';
import type { PostgresqlColumn } from './postgresql-column.js';

/** How the values of a column are staged, and how they get from there into the table. */
export interface StagedColumn {
  readonly name: string;
  /** Type in the staging table. */
  readonly sql: string;
  readonly encode: FieldEncoder;
  /** What is selected from the staging table. */
  readonly select: string;
  /** Whether the staging table has the very type of the column, so that what holds of the table can be asked of it. */
  readonly isExact: boolean;
}

const JSONB_VERSION = 1;

const encodeJsonb: FieldEncoder = (value, out) => {
  if (typeof value !== 'string') throw new RefusedValue('value is not JSON');
  out.text(value, JSONB_VERSION);
};

/** By oid of the type: the same on every server. */
const ENCODERS: ReadonlyMap<number, FieldEncoder> = new Map<number, FieldEncoder>([
  [16, encodeBoolean],
  [20, encodeBigint],
  [21, encodeSmallint],
  [23, encodeInteger],
  [25, TEXT.encode],
  [114, TEXT.encode], // json
  [700, encodeReal],
  [701, encodeDouble],
  [869, encodeIp],
  [1042, TEXT.encode], // char(n)
  [1043, TEXT.encode], // varchar(n)
  [1082, encodeDate],
  [1083, encodeTime],
  [1114, encodeDatetime],
  [1184, encodeDatetime], // timestamptz: in binary it is in UTC
  [1700, encodeNumeric],
  [2950, encodeUuid],
  [3802, encodeJsonb],
]);

/**
 * Plans how values of a type get into a column: in binary where the wire has a form of the type that we write, else as text that the server
 * reads when it writes the row.
 */
export function stageColumn(column: PostgresqlColumn, from: Type, catalog: TypeCatalog): StagedColumn {
  const { name, label, collation, oid } = column;
  const quoted = quoteIdentifier(name);
  const to = column.type ?? from;
  const exact = encoderOf(oid, catalog);
  if (exact !== undefined) {
    const encode = converting(exact, column, from);
    return { name, sql: `${label}${collation}`, encode, select: quoted, isExact: true };
  }
  const isArray = to.kind === 'array';
  const encode = converting(isArray ? arrayEncoder(TEXT) : TEXT.encode, column, from);
  return { name, sql: isArray ? 'text[]' : 'text', encode, select: `CAST(${quoted} AS ${label})`, isExact: false };
}

/** Whether the staging table can have the type of the column: keys must, because they are compared there. */
export function isStagedExactly({ oid }: PostgresqlColumn, catalog: TypeCatalog): boolean {
  return encoderOf(oid, catalog) !== undefined;
}

function encoderOf(oid: number, catalog: TypeCatalog): FieldEncoder | undefined {
  const wire = catalog.wireType(oid);
  if (wire.isText) return TEXT.encode;
  if (wire.element === 0) return ENCODERS.get(wire.oid);
  const encode = encoderOf(wire.element, catalog);
  return encode === undefined ? undefined : arrayEncoder({ oid: wire.element, encode });
}

function converting(encode: FieldEncoder, { name, type }: PostgresqlColumn, from: Type): FieldEncoder {
  const convert = type === null || isEncodedAsIs(from, type) ? identity : columnConversion(name, from, type);
  if (convert === identity) return encode;
  return (value, out) => {
    const converted: Value | ValueFailure = convert(value);
    if (converted instanceof ValueFailure) throw new RefusedValue(converted.message);
    if (converted === null) out.int32(-1);
    else encode(converted, out);
  };
}

/** The encoders of wide numbers take integers of any size as they are. */
function isEncodedAsIs(from: Type, to: Type): boolean {
  if (from.kind !== 'int') return false;
  return to.kind === 'decimal' || (to.kind === 'int' && to.bitSize === 64);
}
