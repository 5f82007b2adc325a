import type { Type, Value } from '@penstock/language';

/** Writes a canonical value of one type as JSON text. */
export type JsonText = (value: Value) => string;

/**
 * Compiles how values without a column type of their own are kept in jsonb: in their canonical form, so that 64-bit integers
 * and decimals are JSON strings and no reader rounds them; NaN and the infinities are strings, too; json is what it says.
 */
export function compileJsonText(type: Type): JsonText {
  const encode = encoderOf(type);
  return (value) => (value === null ? 'null' : encode(value));
}

function encoderOf(type: Type): JsonText {
  switch (type.kind) {
    case 'json':
      return String;
    case 'float':
      return (value) => JSON.stringify(Number.isFinite(value) ? value : String(value));
    case 'array':
      return arrayText(compileJsonText(type.elementType));
    case 'map': {
      const encode = compileJsonText(type.elementType);
      return membersText(() => encode);
    }
    case 'object': {
      const encoders = new Map(type.properties.map((property) => [property.name, compileJsonText(property.type)]));
      return membersText((key) => encoders.get(key));
    }
    default:
      return (value) => JSON.stringify(value);
  }
}

function arrayText(encode: JsonText): JsonText {
  return (value) => (Array.isArray(value) ? `[${value.map((element: Value) => encode(element)).join(',')}]` : 'null');
}

function membersText(encoderOfKey: (key: string) => JsonText | undefined): JsonText {
  return (value) => {
    if (typeof value !== 'object' || value === null) return 'null';
    const members: string[] = [];
    for (const [key, member] of Object.entries(value)) {
      const encode = encoderOfKey(key);
      if (encode !== undefined) members.push(`${JSON.stringify(key)}:${encode(member)}`);
    }
    return `{${members.join(',')}}`;
  };
}
