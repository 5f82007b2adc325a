import type { Type } from '../types/type.js';
import { type ParsedDatetime, parseRfc3339 } from '../values/datetime-text.js';
import type { Dialect } from './dialect.js';
import { javaScriptBridge } from './javascript-bridge.js';

/** How JavaScript writes years beyond four digits. */
const EXPANDED_YEAR = /^[+-]\d{6}-/;

/** Functions in JavaScript. */
export const JAVASCRIPT: Dialect = {
  bridge: javaScriptBridge,
  typeName,
  nullName: 'null',
  parseDatetime,
};

function typeName(type: Type): string {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'int':
      return type.bitSize === 64 ? 'bigint' : 'number';
    case 'float':
    case 'year':
      return 'number';
    case 'array':
      return `array of ${typeName(type.elementType)}`;
    case 'map':
      return `object with ${typeName(type.elementType)} values`;
    case 'object':
      return 'object';
    default:
      return 'string';
  }
}

function parseDatetime(text: string): ParsedDatetime {
  return EXPANDED_YEAR.test(text) ? null : parseRfc3339(text);
}
