import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import { conversionVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Type } from '../types/type.js';
import { compareDecimals } from '../values/decimal-text.js';
import { type Conversion, identity, isObjectValue, memberOf, type Value, ValueFailure } from '../values/value.js';

/** Whether two values, neither of them null, are equal. */
export type Equality = (left: Value, right: Value) => boolean;

const SITE = { nullable: true, wording: new Wording(conversionVoice(''), '') };

/** `===`, which is what equality is for all kinds whose canonical form is one text, number or boolean. */
export const sameValue: Equality = (left, right) => left === right;

/**
 * Compiles the comparison of values of two types. The left value is converted to the type of the right one; where it cannot be,
 * they are not equal. A float and another number are compared as floats, so that 5.4 does not become 5 on the way.
 */
export function equalityOf(left: Type, right: Type): Equality {
  const float = floatOf(left, right);
  if (float !== undefined) return convertedEquality(toType(left, float), toType(right, float), sameValue);
  if (left.kind === 'int' && right.kind === 'int') return equalityOfInts(left.bitSize === 64, right.bitSize === 64);
  if (left.kind === right.kind && isScalar(left)) return equalityWithin(left);
  if (!isConvertible(left, right)) return () => false;
  return convertedEquality(toType(left, right), identity, equalityWithin(right));
}

function toType(from: Type, to: Type): Conversion {
  return from === to ? identity : convert(from, to, SITE);
}

function convertedEquality(leftOf: Conversion, rightOf: Conversion, equal: Equality): Equality {
  if (leftOf === identity && rightOf === identity) return equal;
  return (left, right) => {
    const converted = leftOf(left);
    const other = rightOf(right);
    if (converted === null || converted instanceof ValueFailure || other instanceof ValueFailure) return false;
    return equal(converted, other);
  };
}

/** The float that two numbers are compared as; the other number is rounded as it would be when it is stored there. */
function floatOf(left: Type, right: Type): Type | undefined {
  if (left.kind === 'float' && right.kind === 'float') return { kind: 'float', bitSize: 64 };
  if (left.kind === 'float' && isExactNumber(right)) return { kind: 'float', bitSize: left.bitSize };
  if (right.kind === 'float' && isExactNumber(left)) return { kind: 'float', bitSize: right.bitSize };
  return undefined;
}

function isExactNumber(type: Type): boolean {
  return type.kind === 'int' || type.kind === 'decimal';
}

/** Integers of 64 bits are text, others numbers. */
function equalityOfInts(leftIsText: boolean, rightIsText: boolean): Equality {
  return leftIsText === rightIsText ? sameValue : (left, right) => String(left) === String(right);
}

function isScalar(type: Type): boolean {
  return type.kind !== 'array' && type.kind !== 'object' && type.kind !== 'map';
}

/** Equality of two values of the same type. JSON is equal when its text is. */
function equalityWithin(type: Type): Equality {
  switch (type.kind) {
    case 'decimal':
      return (left, right) => left === right || compareDecimals(String(left), String(right)) === 0;
    case 'array':
      return equalityOfArrays(orNull(equalityWithin(type.elementType)));
    case 'map': {
      const equal = orNull(equalityWithin(type.elementType));
      return equalityOfObjects(() => equal);
    }
    case 'object': {
      const equalities = new Map(
        type.properties.map((property) => [property.name, orNull(equalityWithin(property.type))]),
      );
      return equalityOfObjects((name) => equalities.get(name) ?? sameValue);
    }
    default:
      return sameValue;
  }
}

function orNull(equal: Equality): Equality {
  return (left, right) => (left === null || right === null ? left === right : equal(left, right));
}

function equalityOfArrays(equal: Equality): Equality {
  return (left, right) => {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element: Value, index) => equal(element, right[index] ?? null));
  };
}

function equalityOfObjects(equalityOfMember: (name: string) => Equality): Equality {
  return (left, right) => {
    if (!isObjectValue(left) || !isObjectValue(right)) return false;
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    return names.every((name) => {
      const other = memberOf(right, name);
      return other !== undefined && equalityOfMember(name)(left[name] ?? null, other);
    });
  };
}
