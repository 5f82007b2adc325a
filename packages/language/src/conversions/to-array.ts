import { MAX_ELEMENTS } from '../types/natural-range.js';
import type { ArrayType, Type } from '../types/type.js';
import { jsonElements } from '../values/json-text.js';
import { type Conversion, type Value, ValueFailure } from '../values/value.js';
import { convert } from './compile-conversion.js';
import { elementsCheck } from './constraints.js';
import { fromJson, resultForNull, type Site } from './site.js';

const JSON_TYPE: Type = { kind: 'json' };

/**
 * Conversion to array, element by element; an element is never null. A JSON value that is neither array nor object is an array
 * of one element, where the type allows one.
 */
export function toArray(from: Type, to: ArrayType, site: Site): Conversion {
  const source = from.kind === 'array' ? from.elementType : JSON_TYPE;
  const convertAll = convertElements(source, to, site);
  const refused = site.wording.notConvertible(to);
  if (from.kind !== 'json') {
    const onNull = resultForNull(to, site);
    return (value) => {
      if (value === null) return onNull;
      return Array.isArray(value) ? convertAll(value) : refused;
    };
  }
  const takesOne = (to.minElements ?? 0) <= 1 && (to.maxElements ?? MAX_ELEMENTS) > 0;
  return fromJson(to, site, (json, kind) => {
    if (kind === 'array') return convertAll(jsonElements(json));
    return kind === 'object' || !takesOne ? refused : convertAll([json]);
  });
}

function convertElements(source: Type, to: ArrayType, site: Site): (values: readonly Value[]) => Value | ValueFailure {
  const convertElement = convert(source, to.elementType, { ...site, nullable: false });
  const check = elementsCheck(to, site.wording);
  return (values) => {
    const elements: Value[] = [];
    for (const value of values) {
      const element = convertElement(value);
      if (element instanceof ValueFailure) return element;
      elements.push(element);
    }
    return check?.(elements) ?? elements;
  };
}
