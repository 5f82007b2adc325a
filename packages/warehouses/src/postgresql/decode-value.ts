import { compileDataReader, type FloatType, type ObjectType, type Type, type Value } from '@penstock/language';

/** Turns the text of a field that is not null into the canonical value of its type. */
export type ValueDecoder = (text: string) => Value;

/** The server shows the last groups of some addresses as an IPv4 address. */
const canonicalIp = compileDataReader({ kind: 'ip' });

/** How a column is selected, and how what comes is decoded. */
export interface SelectedColumn {
  readonly sql: (column: string) => string;
  readonly decode: ValueDecoder;
}

/** Reads values of a type back in their canonical form. Dates must come in ISO style. */
export function selectedColumn(type: Type): SelectedColumn {
  if (type.kind !== 'array') return { sql: (column) => `${column}::text`, decode: valueDecoder(type) };
  const decode = elementDecoder(type.elementType);
  return {
    // As an array of texts in JSON, so that there is one way to write elements that hold commas, quotes or nothing.
    sql: (column) => `to_jsonb(${column}::text[])::text`,
    decode: (text) => {
      const elements: readonly (string | null)[] = JSON.parse(text);
      return elements.map((element) => (element === null ? null : decode(element)));
    },
  };
}

/** Decodes the text of an element of an array: arrays in arrays are kept as JSON. */
export function elementDecoder(type: Type): ValueDecoder {
  return type.kind === 'array' ? jsonDecoder(type) : valueDecoder(type);
}

/** Decodes the text of a value that is not an array. */
export function valueDecoder(type: Type): ValueDecoder {
  switch (type.kind) {
    case 'boolean':
      return (text) => text === 'true' || text === 't';
    case 'float':
      return floatDecoder(type);
    case 'year':
      return Number;
    case 'int':
      return type.bitSize === 64 ? String : Number;
    case 'ip':
      // The server adds the length of the network, which is that of a single host.
      return (text) => canonicalIp(text.replace(/\/\d+$/, '')) as Value;
    case 'map':
    case 'object':
      return jsonDecoder(type);
    default:
      return String;
  }
}

/** Numbers of 32 bits are written with the digits that tell them apart, which are fewer than a number needs. */
function floatDecoder({ bitSize }: FloatType): ValueDecoder {
  return bitSize === 32 ? (text) => Math.fround(Number(text)) : Number;
}

function jsonDecoder(type: Type): ValueDecoder {
  const fromJson = fromJsonDecoder(type);
  return (text) => fromJson(JSON.parse(text));
}

/** The inverse of how values are written into jsonb, where only json and floats are not in their canonical form. */
function fromJsonDecoder(type: Type): (json: Value) => Value {
  const decode = presentDecoder(type);
  return (json) => (json === null && type.kind !== 'json' ? null : decode(json));
}

function presentDecoder(type: Type): (json: Value) => Value {
  switch (type.kind) {
    case 'json':
      return (json) => JSON.stringify(json);
    case 'float':
      return (json) => Number(json);
    case 'array': {
      const element = fromJsonDecoder(type.elementType);
      return (json) => (Array.isArray(json) ? json.map((item: Value) => element(item)) : json);
    }
    case 'map': {
      const member = fromJsonDecoder(type.elementType);
      return membersDecoder(() => member);
    }
    case 'object':
      return membersDecoder(memberDecoders(type));
    default:
      return (json) => json;
  }
}

function memberDecoders({ properties }: ObjectType): (key: string) => ((json: Value) => Value) | undefined {
  const decoders = new Map(properties.map(({ name, type }) => [name, fromJsonDecoder(type)]));
  return (key) => decoders.get(key);
}

function membersDecoder(decoderOf: (key: string) => ((json: Value) => Value) | undefined): (json: Value) => Value {
  return (json) => {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
    const members = Object.entries(json).map(([key, member]) => [key, decoderOf(key)?.(member) ?? null]);
    return Object.fromEntries(members);
  };
}
