import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { trimDecimal } from '../values/decimal-text.js';
import { floatText } from '../values/float-text.js';
import { jsonElements, jsonKind, jsonMembers, jsonNumber, jsonString } from '../values/json-text.js';
import { codePointLength } from '../values/text-length.js';
import { type Conversion, isObjectValue, type Value } from '../values/value.js';
import { type FunctionRule, takes } from './function-rule.js';

/** Number of characters of a text, of elements, of keys; of what has none of them the length of its text. 0 of null. */
export const len: FunctionRule = {
  arity: takes(1, 1, 'a single argument'),
  compile: (call) => {
    const read = call.argument(0).readAs(lengthOf);
    return plainTerm(call, { kind: 'int', bitSize: 32 }, (row) => read(row) ?? 0);
  },
};

const DATETIME_LENGTH = 'YYYY-MM-DDThh:mm:ssZ'.length;
const DATE_LENGTH = 'YYYY-MM-DD'.length;

function lengthOf(type: Type): Conversion {
  switch (type.kind) {
    case 'float':
      return (value) => (typeof value === 'number' ? floatText(value, type.bitSize).length : 0);
    case 'decimal':
      return (value) => trimDecimal(String(value)).length;
    case 'datetime':
      return () => DATETIME_LENGTH;
    case 'date':
      return () => DATE_LENGTH;
    case 'json':
      return (value) => jsonLength(String(value));
    case 'array':
    case 'object':
    case 'map':
      return sizeOf;
    default:
      return (value) => codePointLength(String(value));
  }
}

function sizeOf(value: Value): number {
  if (isObjectValue(value)) return Object.keys(value).length;
  return Array.isArray(value) ? value.length : 0;
}

function jsonLength(json: string): number {
  const kind = jsonKind(json);
  switch (kind) {
    case 'null':
      return 0;
    case 'string':
      return codePointLength(jsonString(json));
    case 'number':
      return jsonNumber(json).length;
    case 'array':
      return jsonElements(json).length;
    case 'object':
      return jsonMembers(json).size;
    default:
      return kind.length;
  }
}
