import type { Type } from './type.js';

/** The short text that messages show for a type: `int(32)`, `decimal(10,2)`, `array(string)`. It leaves out constraints. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'int':
    case 'float':
      return `${type.kind}(${type.bitSize})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale ?? 0})`;
    case 'array':
    case 'map':
      return `${type.kind}(${typeText(type.elementType)})`;
    default:
      return type.kind;
  }
}
