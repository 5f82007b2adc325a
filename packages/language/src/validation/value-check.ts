import { type Check, decimalCheck, elementsCheck, numberCheck, textCheck } from '../conversions/constraints.js';
import type { Wording } from '../conversions/wording.js';
import type { ArrayType, FloatType, MapType, ObjectType, Property, Type } from '../types/type.js';
import { isObjectValue, memberOf, type ObjectValue, type Value, type ValueFailure } from '../values/value.js';

/** Checks a value that is not null; undefined when the type allows every value of its canonical form. */
export function valueCheck(type: Type, wording: Wording): Check<Value> | undefined {
  switch (type.kind) {
    case 'string':
      return whenText(textCheck(type, wording));
    case 'int':
      return whenInteger(numberCheck(type, wording));
    case 'float':
      return floatCheck(type, wording);
    case 'decimal':
      return whenText(decimalCheck(type, wording));
    case 'array':
      return arrayCheck(type, wording);
    case 'map':
      return mapCheck(type, wording);
    case 'object':
      return objectCheck(type, wording);
    default:
      return undefined;
  }
}

function whenText(check: Check<string> | undefined): Check<Value> | undefined {
  return check === undefined ? undefined : (value) => (typeof value === 'string' ? check(value) : undefined);
}

/** Integers of 64 bits are text; bounds are safe integers, so that a rounded number still compares rightly with them. */
function whenInteger(check: Check<number> | undefined): Check<Value> | undefined {
  return check === undefined ? undefined : (value) => check(Number(value));
}

function floatCheck(type: FloatType, wording: Wording): Check<Value> | undefined {
  const check = numberCheck(type, wording);
  if (check === undefined && !type.real) return undefined;
  const notReal = type.real ? wording.notNumberOf(type) : undefined;
  return (value) => {
    if (typeof value !== 'number') return undefined;
    return notReal !== undefined && !Number.isFinite(value) ? notReal : check?.(value);
  };
}

function arrayCheck(type: ArrayType, wording: Wording): Check<Value> | undefined {
  const checkAll = elementsCheck(type, wording);
  const checkElement = valueCheck(type.elementType, wording);
  if (checkAll === undefined && checkElement === undefined) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return checkAll?.(value) ?? firstFailure(value, checkElement);
  };
}

function mapCheck(type: MapType, wording: Wording): Check<Value> | undefined {
  const check = valueCheck(type.elementType, wording);
  if (check === undefined) return undefined;
  return (value) => (isObjectValue(value) ? firstFailure(Object.values(value), check) : undefined);
}

function firstFailure(values: readonly Value[], check: Check<Value> | undefined): ValueFailure | undefined {
  if (check === undefined) return undefined;
  for (const value of values) {
    const failure = value === null ? undefined : check(value);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function objectCheck(type: ObjectType, wording: Wording): Check<Value> | undefined {
  const checks = type.properties.map((property) => propertyCheck(property, wording.member(property.name)));
  const present = checks.filter((check) => check !== undefined);
  if (present.length === 0) return undefined;
  return (value) => {
    if (!isObjectValue(value)) return undefined;
    for (const check of present) {
      const failure = check(value);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
}

function propertyCheck(property: Property, wording: Wording): Check<ObjectValue> | undefined {
  const check = valueCheck(property.type, wording);
  if (check === undefined && property.nullable && property.readOptional) return undefined;
  const onNull = property.nullable ? undefined : wording.notNullable();
  const onMissing = property.readOptional ? undefined : wording.missing();
  return (object) => {
    const value = memberOf(object, property.name);
    if (value === undefined) return onMissing;
    return value === null ? onNull : check?.(value);
  };
}
