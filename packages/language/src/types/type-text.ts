import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import type { Type } from './type.js';

/**
 * The short text that messages show for a type: `int(32)`, `decimal(10,2)`, `array(string)`. It leaves out constraints, and
 * the end of what is nested deeply.
 */
export function typeText(type: Type): string {
  return shownText(wholeText(type), MAX_SHOWN.type);
}

function wholeText(type: Type): string {
  switch (type.kind) {
    case 'int':
    case 'float':
      return `${type.kind}(${type.bitSize})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale ?? 0})`;
    case 'array':
    case 'map':
      return `${type.kind}(${wholeText(type.elementType)})`;
    default:
      return type.kind;
  }
}
