import { textNotUnicode } from '../conversions/text-failures.js';
import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { trimDecimal } from '../values/decimal-text.js';
import { floatText } from '../values/float-text.js';
import {
  isBrokenString,
  type JsonKind,
  jsonElements,
  jsonKind,
  jsonMembers,
  jsonNumber,
  jsonString,
} from '../values/json-text.js';
import { codePointLength } from '../values/text-length.js';
import { type Conversion, isObjectValue, type Value, type ValueFailure } from '../values/value.js';
import { type FunctionRule, takes } from './function-rule.js';

/** Number of characters of a text, of elements, of keys; of what has none of them the length of its text. 0 of null. */
export const len: FunctionRule = {
  cost: 4,
  keeps: 'none',
  arity: takes(1, 1, 'a single argument'),
  compile: (call) => {
    const term = call.argument(0);
    const notUnicode = textNotUnicode(term.source, call.suffix);
    const read = term.readAs((type) => (type.kind === 'json' ? jsonLengthOf(notUnicode) : lengthOf(type)));
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

function jsonLengthOf(notUnicode: ValueFailure): Conversion {
  return (value) => {
    const json = String(value);
    const kind = jsonKind(json);
    if (kind !== 'string') return jsonLength(json, kind);
    const text = jsonString(json);
    return isBrokenString(json, text) ? notUnicode : codePointLength(text);
  };
}

function jsonLength(json: string, kind: Exclude<JsonKind, 'string'>): number {
  switch (kind) {
    case 'null':
      return 0;
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
