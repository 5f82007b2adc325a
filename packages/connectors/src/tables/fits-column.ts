import { type Conversion, compileConversion, identity, isConvertible, type Type } from '@penstock/language';

const NUMBERS: ReadonlySet<Type['kind']> = new Set(['int', 'decimal', 'float', 'year']);

/**
 * Whether a column can sensibly hold values of a type: of the same kind at any width, numbers without rounding, and of any kind as text
 * or as JSON. A single value may still be refused.
 */
export function fitsColumn(from: Type, to: Type): boolean {
  if (to.kind === 'string') return true;
  if (!isConvertible(from, to)) return false;
  if (from.kind === 'array' && to.kind === 'array') return fitsColumn(from.elementType, to.elementType);
  if (from.kind === to.kind || to.kind === 'json') return true;
  if (from.kind === 'float') return false;
  if (NUMBERS.has(from.kind) && NUMBERS.has(to.kind)) return true;
  return isWider(from, to);
}

/** A date as its first instant; booleans where the database keeps them as small integers. */
function isWider(from: Type, to: Type): boolean {
  if (from.kind === 'date') return to.kind === 'datetime';
  return from.kind === 'boolean' && to.kind === 'int';
}

/** Turns values into those of a column's type, or refuses them. How long a text may be is left to the database. */
export function columnConversion(name: string, from: Type, to: Type): Conversion {
  const context = { expression: name, outPath: name, nullable: true };
  if (to.kind === 'string') return textConversion(from, context);
  return compileConversion(from, unbounded(to), context);
}

function textConversion(from: Type, context: Parameters<typeof compileConversion>[2]): Conversion {
  switch (from.kind) {
    case 'string':
    case 'json':
      return identity;
    case 'array':
    case 'map':
    case 'object':
      return compileConversion(from, { kind: 'json' }, context);
    default:
      return compileConversion(from, { kind: 'string' }, context);
  }
}

function unbounded(type: Type): Type {
  if (type.kind === 'string') return { kind: 'string' };
  return type.kind === 'array' ? { kind: 'array', elementType: unbounded(type.elementType) } : type;
}
