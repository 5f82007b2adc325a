import type { ObjectType, Type } from '../types/type.js';
import { rfc3339Text } from '../values/datetime-text.js';
import { isObjectValue, memberOf, newObject, type Value } from '../values/value.js';
import { type SelectedProperty, selectedType } from './selection.js';
import { COLUMN_SEPARATOR } from './wire.js';

/** Turns a canonical value, not null, into the value that stands for it in a batch; undefined where it stands for itself. */
type WireEncoder = ((value: Value) => Value) | undefined;

/** The values of one property, as JSON is to write them. */
type ColumnWriter = (rows: readonly (readonly Value[])[]) => string | readonly Value[];

/** Compiles the writer of batches, whose form `wire.ts` describes. */
export function batchEncoder(selection: readonly SelectedProperty[]): (rows: readonly (readonly Value[])[]) => string {
  const columns = selection.map(columnWriter);
  return (rows) => JSON.stringify([rows.length, ...columns.map((write) => write(rows))]);
}

function columnWriter(selected: SelectedProperty): ColumnWriter {
  const { index: position } = selected;
  const encode = encoderOf(selectedType(selected), selected.property.type);
  return (rows) => {
    const column = new Array<Value>(rows.length);
    let isText = true;
    for (let index = 0; index < rows.length; index++) {
      const value = rows[index]?.[position] ?? null;
      const encoded = encode === undefined || value === null ? value : encode(value);
      isText = isText && typeof encoded === 'string' && !encoded.includes(COLUMN_SEPARATOR);
      column[index] = encoded;
    }
    return isText ? column.join(COLUMN_SEPARATOR) : column;
  };
}

/** `full` is the type as the schema has it: an object that is only partly selected must be copied. */
function encoderOf(type: Type, full: Type): WireEncoder {
  switch (type.kind) {
    case 'datetime':
      return (value) => rfc3339Text(String(value));
    case 'float':
      return type.real ? undefined : (value) => (Number.isFinite(value) ? value : String(value));
    case 'array':
      return arrayEncoder(encoderOf(type.elementType, type.elementType));
    case 'map':
      return mapEncoder(encoderOf(type.elementType, type.elementType));
    case 'object':
      return full.kind === 'object' ? objectEncoder(type, full) : undefined;
    default:
      return undefined;
  }
}

function arrayEncoder(encode: WireEncoder): WireEncoder {
  if (encode === undefined) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return value;
    return value.map((element: Value) => (element === null ? null : encode(element)));
  };
}

function mapEncoder(encode: WireEncoder): WireEncoder {
  if (encode === undefined) return undefined;
  return (value) => {
    if (!isObjectValue(value)) return value;
    const map = newObject();
    for (const [key, item] of Object.entries(value)) map[key] = item === null ? null : encode(item);
    return map;
  };
}

function objectEncoder(type: ObjectType, full: ObjectType): WireEncoder {
  const fullTypes = new Map(full.properties.map((property) => [property.name, property.type]));
  const members = type.properties.map((property) => ({
    name: property.name,
    encode: encoderOf(property.type, fullTypes.get(property.name) ?? property.type),
  }));
  const isWhole = type.properties.length === full.properties.length;
  if (isWhole && members.every((member) => member.encode === undefined)) return undefined;
  return (value) => {
    if (!isObjectValue(value)) return value;
    const object = newObject();
    for (const { name, encode } of members) {
      const member = memberOf(value, name);
      if (member !== undefined) object[name] = member === null || encode === undefined ? member : encode(member);
    }
    return object;
  };
}
