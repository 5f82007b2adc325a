import fc from 'fast-check';
import type {
  ArrayType,
  DecimalType,
  FloatType,
  IntType,
  ObjectType,
  Property,
  StringType,
  Type,
  Value,
} from '../src/index.js';

/** A type with one of its canonical values. */
export interface TypedValue {
  readonly type: Type;
  readonly value: Value;
}

const intType: fc.Arbitrary<IntType> = fc
  .record({ bitSize: fc.constantFrom(8, 16, 24, 32, 64), unsigned: fc.boolean() } as const)
  .map(({ bitSize, unsigned }) => ({ kind: 'int', bitSize, ...(unsigned && { unsigned }) }));

const floatType: fc.Arbitrary<FloatType> = fc
  .record({ bitSize: fc.constantFrom(32, 64), real: fc.boolean() } as const)
  .map(({ bitSize, real }) => ({ kind: 'float', bitSize, ...(real && { real }) }));

const decimalType: fc.Arbitrary<DecimalType> = fc
  .integer({ min: 1, max: 76 })
  .chain((precision) => fc.integer({ min: 0, max: Math.min(37, precision) }).map((scale) => ({ precision, scale })))
  .map(({ precision, scale }) => ({ kind: 'decimal', precision, ...(scale > 0 && { scale }) }));

const stringType: fc.Arbitrary<StringType> = fc.oneof(
  fc.constant({ kind: 'string' } as const),
  fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((maxLength) => ({ kind: 'string', maxLength }) as const),
  fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((maxBytes) => ({ kind: 'string', maxBytes }) as const),
  fc.constantFrom('^[a-z]+$', '\\d{3}', '(?i)a|b').map((pattern) => ({ kind: 'string', pattern }) as const),
  fc.uniqueArray(normalText(), { minLength: 1, maxLength: 4 }).map((values) => ({ kind: 'string', values }) as const),
);

const simpleType: fc.Arbitrary<Type> = fc
  .constantFrom('boolean', 'datetime', 'date', 'time', 'year', 'uuid', 'json', 'ip')
  .map((kind) => ({ kind }) as const);

/** Text in normal form C, without surrogates that stand alone. */
export function normalText(): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.normalize('NFC'));
}

export const propertyName: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length'),
);

function arrayOf(elementType: Type): ArrayType {
  return { kind: 'array', elementType };
}

function propertyOf(type: fc.Arbitrary<Type>): fc.Arbitrary<Property> {
  const flags = fc.record({ nullable: fc.constant(true), readOptional: fc.constant(true) }, { requiredKeys: [] });
  return fc
    .record({ name: propertyName, type, flags, description: normalText() })
    .map(({ name, type: propertyType, flags: set, description }) => ({
      name,
      type: propertyType,
      ...set,
      description,
    }));
}

const { anyType } = fc.letrec<{ anyType: Type }>((tie) => ({
  anyType: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    stringType,
    intType,
    floatType,
    decimalType,
    simpleType,
    tie('anyType').map(arrayOf),
    tie('anyType').map((elementType): Type => ({ kind: 'map', elementType })),
    fc
      .uniqueArray(propertyOf(tie('anyType')), { selector: ({ name }) => name, minLength: 1, maxLength: 4 })
      .map((properties): Type => ({ kind: 'object', properties })),
  ),
}));

/** Any type. */
export const typeArbitrary: fc.Arbitrary<Type> = anyType;

/** A type with a canonical value that is not null. */
export const typedValue: fc.Arbitrary<TypedValue> = anyType.chain((type) =>
  canonicalValue(type).map((value) => ({ type, value })),
);

/** Canonical values of a type. */
export function canonicalValue(type: Type): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'string':
      return textOf(type);
    case 'boolean':
      return fc.boolean();
    case 'int':
      return integerOf(type);
    case 'float':
      return floatOf(type);
    case 'decimal':
      return decimalOf(type);
    case 'datetime':
      return fc.tuple(dateText, timeText).map(([date, time]) => `${date} ${time}`);
    case 'date':
      return dateText;
    case 'time':
      return timeText;
    case 'year':
      return fc.integer({ min: 1, max: 9999 });
    case 'uuid':
      return fc.uuid();
    case 'ip':
      return fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::1', 'fe80::1%eth0', '::ffff:1.2.3.4'));
    case 'json':
      return fc.oneof(
        fc.json(),
        fc.constantFrom('null', '""', ' 12.0 ', '{"a":[1,{"b":null}]}', '12345678901234567890'),
      );
    case 'array':
      return fc.array(canonicalValue(type.elementType), { maxLength: 4 });
    case 'map':
      return fc.dictionary(fc.oneof(normalText(), propertyName), canonicalValue(type.elementType), { maxKeys: 4 });
    case 'object':
      return objectOf(type);
  }
}

function textOf(type: StringType): fc.Arbitrary<string> {
  if (type.values !== undefined) return fc.constantFrom(...type.values);
  if (type.pattern !== undefined) return type.pattern === '\\d{3}' ? fc.constant('123') : fc.constantFrom('a', 'b');
  const maximum = type.maxLength ?? (type.maxBytes ?? 1000) / 4;
  const interesting = fc.constantFrom('12', '-7', '1.50', 'true', '2024-02-29', '10:20:30', '2024-02-29T10:20:30Z', '');
  const text = fc.oneof(normalText(), interesting);
  return text.filter((candidate) => candidate.length <= maximum);
}

function integerOf(type: IntType): fc.Arbitrary<Value> {
  const bits = BigInt(type.bitSize);
  const range = type.unsigned
    ? { min: 0n, max: 2n ** bits - 1n }
    : { min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n };
  return fc.bigInt(range).map((integer) => (type.bitSize === 64 ? String(integer) : Number(integer)));
}

function floatOf(type: FloatType): fc.Arbitrary<number> {
  const constraints = { noNaN: type.real === true, noDefaultInfinity: type.real === true };
  return type.bitSize === 32 ? fc.float(constraints) : fc.double(constraints);
}

function decimalOf(type: DecimalType): fc.Arbitrary<string> {
  const scale = type.scale ?? 0;
  const limit = 10n ** BigInt(type.precision) - 1n;
  return fc.bigInt({ min: -limit, max: limit }).map((unscaled) => {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return unscaled < 0n ? `-${text}` : text;
  });
}

const dateText = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const timeText = fc
  .tuple(fc.integer({ min: 0, max: 86399 }), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([second, nano]) => {
    const fraction = String(nano).padStart(9, '0').replace(/0+$/, '');
    return new Date(second * 1000).toISOString().slice(11, 19) + (fraction === '' ? '' : `.${fraction}`);
  });

function objectOf(type: ObjectType): fc.Arbitrary<Value> {
  const members = type.properties.map((property) =>
    fc.tuple(
      fc.constant(property.name),
      property.nullable ? fc.option(canonicalValue(property.type), { nil: null }) : canonicalValue(property.type),
      property.readOptional ? fc.boolean() : fc.constant(true),
    ),
  );
  return fc.tuple(...members).map((entries) => {
    const object = Object.create(null) as Record<string, Value>;
    for (const [name, value, isPresent] of entries) if (isPresent) object[name] = value;
    return object;
  });
}
