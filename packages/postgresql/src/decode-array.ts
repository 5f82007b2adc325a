import { type Value, ValueFailure } from '@penstock/language';
import { ArrayLiteralError, parseArrayLiteral } from './array-literal.js';
import { type Decode, type Decoder, refuse } from './decode.js';

/** An array whose elements are decoded in turn; the first one that fails fails the array. */
export function decodeArrayOf(element: Decoder | undefined): Decoder {
  return (property) => {
    const notFlat = refuse('TooManyDimensions', `property "${property}" is an array of more than one dimension`);
    const decode = element?.(property);
    return (field) => {
      const elements = elementsOf(field);
      if (elements === undefined) return notFlat;
      return decode === undefined ? elements : decodeElements(elements, decode);
    };
  };
}

function elementsOf(field: string): (string | null)[] | undefined {
  try {
    return parseArrayLiteral(field);
  } catch (error) {
    if (error instanceof ArrayLiteralError) return undefined;
    throw error;
  }
}

function decodeElements(elements: readonly (string | null)[], decode: Decode): readonly Value[] | ValueFailure {
  const values: Value[] = [];
  for (const element of elements) {
    const value = element === null ? null : decode(element);
    if (value instanceof ValueFailure) return value;
    values.push(value);
  }
  return values;
}
