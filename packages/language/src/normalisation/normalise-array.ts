import { elementsCheck } from '../conversions/constraints.js';
import type { ArrayType } from '../types/type.js';
import { isValidJson } from '../values/is-valid-json.js';
import { jsonElements, jsonKind } from '../values/json-text.js';
import type { Value } from '../values/value.js';
import { NOT_JSON } from './normalise-json.js';
import { bareWording, type Normalised, type Normaliser, Refusal, wrongType } from './refusal.js';

/** Elements beyond which an array is refused whatever its type says; it bounds what an array that lies about its length costs. */
const MAX_RAW_ELEMENTS = 2 ** 24;

/** Arrays and typed arrays; where the elements are json also the text of a JSON array. `element` takes null and undefined. */
export function normaliseArray(type: ArrayType, element: Normaliser): Normaliser {
  const refuse = wrongType(type);
  const check = elementsCheck(type, bareWording);
  const maximum = Math.min(type.maxElements ?? MAX_RAW_ELEMENTS, MAX_RAW_ELEMENTS);
  const tooMany = Refusal.of(bareWording.tooManyElements(maximum));
  const finish = (elements: readonly Value[]): Normalised => {
    const failure = check?.(elements);
    return failure === undefined ? elements : Refusal.of(failure);
  };
  const ofJson = type.elementType.kind === 'json' ? jsonArray(finish) : refuse;
  return (raw) => {
    if (!isArrayLike(raw)) return typeof raw === 'string' ? ofJson(raw) : refuse(raw);
    const { length } = raw;
    if (length > maximum) return tooMany;
    const elements: Value[] = [];
    for (let index = 0; index < length; index++) {
      const value = element(raw[index]);
      if (value instanceof Refusal) return value.inElement(index);
      elements.push(value);
    }
    return finish(elements);
  };
}

function jsonArray(finish: (elements: readonly Value[]) => Normalised): (raw: unknown) => Normalised {
  return (raw) => {
    const isArray = typeof raw === 'string' && isValidJson(raw) && jsonKind(raw) === 'array';
    return isArray ? finish(jsonElements(raw)) : NOT_JSON;
  };
}

function isArrayLike(raw: unknown): raw is ArrayLike<unknown> {
  return Array.isArray(raw) || (ArrayBuffer.isView(raw) && !(raw instanceof DataView));
}
