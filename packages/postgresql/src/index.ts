export { ArrayLiteralError, parseArrayLiteral } from './array-literal.js';
export { type CopyAround, copyAroundRefused } from './copy-around-refused.js';
export { CopyFrames, type FrameSink } from './copy-frames.js';
export { copyIn } from './copy-in.js';
export { CopyOut, type CopyOutOptions } from './copy-out.js';
export { splitRow } from './copy-text.js';
export {
  type Decode,
  type Decoder,
  decodeBoolean,
  decodeDate,
  decodeFloat32,
  decodeNumber,
  decodeNumeric,
  decodeTime,
  decodeTimestamp,
  decodeTimestamptz,
  refuse,
} from './decode.js';
export { decodeArrayOf } from './decode-array.js';
export { decodeUnboundedNumeric, MAX_PRECISION, MAX_SCALE } from './decode-decimal.js';
export { decodeInet } from './decode-ip.js';
export {
  arrayEncoder,
  type ColumnType,
  columnType,
  type FieldEncoder,
  SEQUENCE,
  TEXT,
  TIMESTAMP,
} from './encoding/column-type.js';
export { encodeIp, encodeUuid } from './encoding/encode-address.js';
export { encodeDate, encodeDatetime, encodeTime } from './encoding/encode-instant.js';
export {
  encodeBigint,
  encodeBoolean,
  encodeDouble,
  encodeInteger,
  encodeReal,
  encodeSmallint,
} from './encoding/encode-number.js';
export { encodeNumeric } from './encoding/encode-numeric.js';
export { copyStream, type EncodedColumn, type EncodedRows, RowEncoder } from './encoding/row-encoder.js';
export { RefusedValue, WireBuffer } from './encoding/wire-buffer.js';
export { numberRows } from './number-rows.js';
export { ProtocolStatement, sendStatement } from './protocol-statement.js';
export { integerLiteral, quoteIdentifier } from './sql-text.js';
