import type { SourceColumn, WarehouseColumn } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import {
  type Decoder,
  decodeArrayOf,
  decodeBoolean,
  decodeFloat32,
  decodeInet,
  decodeNumber,
} from '@penstock/postgresql';
import { elementDecoder, valueDecoder } from '../decode-value.js';

/** How the fields of profiles become canonical values, by position. */
export function profileColumns(columns: readonly WarehouseColumn[]): SourceColumn[] {
  return columns.map(({ path, type }) => {
    const decode = decoderOf(type)?.(path);
    return decode === undefined ? { name: path, type, decode: String } : { name: path, type, decode };
  });
}

/** undefined where the text of the column is the canonical value. */
function decoderOf(type: Type): Decoder | undefined {
  switch (type.kind) {
    case 'boolean':
      return decodeBoolean;
    case 'year':
      return decodeNumber;
    case 'int':
      return type.bitSize === 64 ? undefined : decodeNumber;
    case 'float':
      return type.bitSize === 32 ? decodeFloat32 : decodeNumber;
    case 'ip':
      return decodeInet;
    case 'map':
    case 'object':
      return () => valueDecoder(type);
    case 'array':
      return decodeArrayOf(decoderOfElement(type.elementType));
    default:
      return undefined;
  }
}

function decoderOfElement(type: Type): Decoder | undefined {
  if (type.kind !== 'array') return decoderOf(type);
  const decode: (text: string) => Value = elementDecoder(type);
  return () => decode;
}
