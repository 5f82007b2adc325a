import type { MapType, ObjectType, Type } from '../types/type.js';
import { parseDecimal, trimDecimal } from '../values/decimal-text.js';
import { isObjectValue, memberOf, newObject, type ObjectValue, type Value } from '../values/value.js';

/**
 * The form that a canonical value has in the JSON of the API, as plain data for JSON.stringify: integers of 64 bits as text;
 * decimals as numbers, or as text where a number would change them; NaN and the infinities as text; datetimes as
 * `YYYY-MM-DDThh:mm:ss[.f]Z`, fractions with 3, 6 or 9 digits; json as the value that it is; objects with their properties in
 * the order of the type, maps with their keys sorted; null as null. Properties that the type does not have are left out.
 */
export function toDataJson(type: Type, value: Value): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'float':
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    case 'decimal':
      return decimalData(String(value));
    case 'datetime':
      return datetimeData(String(value));
    case 'time':
      return widenFraction(String(value));
    case 'json':
      return JSON.parse(String(value));
    case 'array':
      return Array.isArray(value) ? value.map((element: Value) => toDataJson(type.elementType, element)) : null;
    case 'map':
      return isObjectValue(value) ? mapData(type, value) : null;
    case 'object':
      return isObjectValue(value) ? objectData(type, value) : null;
    default:
      return value;
  }
}

function decimalData(decimal: string): number | string {
  const trimmed = trimDecimal(decimal);
  const number = Number(trimmed);
  return parseDecimal(String(number)) === trimmed ? number : trimmed;
}

function datetimeData(datetime: string): string {
  return `${datetime.slice(0, 10)}T${widenFraction(datetime.slice(11))}Z`;
}

/** A fraction is shown in milliseconds, microseconds or nanoseconds, whichever is wide enough. */
function widenFraction(time: string): string {
  const digits = time.length - '00:00:00.'.length;
  return digits <= 0 ? time : time + '0'.repeat((3 - (digits % 3)) % 3);
}

function mapData(type: MapType, map: ObjectValue): unknown {
  const data: Record<string, unknown> = newObject();
  for (const key of Object.keys(map).sort()) data[key] = toDataJson(type.elementType, map[key] ?? null);
  return data;
}

function objectData(type: ObjectType, object: ObjectValue): unknown {
  const data: Record<string, unknown> = newObject();
  for (const property of type.properties) {
    const value = memberOf(object, property.name);
    if (value !== undefined) data[property.name] = toDataJson(property.type, value);
  }
  return data;
}
