import { intRange, MAX_FLOAT_32 } from '../types/natural-range.js';
import type {
  ArrayType,
  DecimalType,
  FloatType,
  IntType,
  MapType,
  ObjectType,
  StringType,
  Type,
} from '../types/type.js';
import { isSupportedYear } from '../values/calendar.js';
import { parseIsoDate } from '../values/date-text.js';
import type { ParsedDatetime } from '../values/datetime-text.js';
import { fitDecimal, isShortDecimal, parseDecimal } from '../values/decimal-text.js';
import { fitsInt64, parseIntText } from '../values/int-text.js';
import { parseIp } from '../values/ip-text.js';
import { parseStrictTime } from '../values/time-text.js';
import { parseAnyUuid } from '../values/uuid-text.js';
import type { Value } from '../values/value.js';
import { Refusal } from './refusal.js';
import { decimalConstraint, numberConstraint, textConstraint } from './result-constraints.js';
import { jsonReader } from './result-json.js';
import { wrongType } from './result-member.js';
import type { ResultContext, ResultReader } from './result-reader.js';

type ScalarType = Exclude<Type, ArrayType | MapType | ObjectType>;

/** Compiles the reader of a kind without parts. */
export function scalarReader(type: ScalarType, context: ResultContext): ResultReader {
  const typeName = context.dialect.typeName(type);
  switch (type.kind) {
    case 'string':
      return stringReader(type, typeName);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : wrongType(typeName));
    case 'int':
      return type.bitSize === 64 ? int64Reader(type, typeName) : intReader(type, typeName);
    case 'float':
      return floatReader(type, typeName);
    case 'decimal':
      return decimalReader(type, typeName);
    case 'year':
      return yearReader(typeName);
    case 'json':
      return jsonReader(context.preserveJSON || context.dialect.writesJsonText === true, typeName);
    case 'datetime':
      return formattedReader(type.kind, context.dialect.parseDatetime, typeName);
    case 'date':
      return formattedReader(type.kind, parseIsoDate, typeName);
    case 'time':
      return formattedReader(type.kind, parseStrictTime, typeName);
    case 'uuid':
      return formattedReader(type.kind, parseAnyUuid, typeName);
    case 'ip':
      return formattedReader(type.kind, parseIp, typeName);
  }
}

function stringReader(type: StringType, typeName: string): ResultReader {
  const check = textConstraint(type);
  return (value) => {
    if (typeof value !== 'string') return wrongType(typeName);
    if (!value.isWellFormed()) return new Refusal('NotUnicode', 'has text that is not valid Unicode');
    return check(value) ?? value;
  };
}

/** The bounds are those of the bit size where the type has none. */
function intReader(type: IntType, typeName: string): ResultReader {
  const { minimum, maximum } = intRange(type);
  const check = numberConstraint({
    ...type,
    minimum: type.minimum ?? Number(minimum),
    maximum: type.maximum ?? Number(maximum),
  });
  return (value) => {
    if (typeof value !== 'number') return wrongType(typeName);
    if (!Number.isInteger(value)) return notInteger();
    return check(value) ?? (value === 0 ? 0 : value);
  };
}

/** Bounds of a type are safe integers, so that a rounded number still compares rightly with them. */
function int64Reader(type: IntType, typeName: string): ResultReader {
  const check = numberConstraint(type);
  const { minimum, maximum } = intRange(type);
  return (value) => {
    const text = typeof value === 'string' ? parseIntText(value) : undefined;
    if (text === undefined) return wrongType(typeName);
    if (fitsInt64(text, type.unsigned === true)) return check(Number(text)) ?? text;
    return text.startsWith('-')
      ? new Refusal('TooSmall', `is less than ${type.minimum ?? minimum}`)
      : new Refusal('TooLarge', `is greater than ${type.maximum ?? maximum}`);
  };
}

function yearReader(typeName: string): ResultReader {
  return (value) => {
    if (typeof value !== 'number') return wrongType(typeName);
    if (!Number.isInteger(value)) return notInteger();
    return isSupportedYear(value) ? value : new Refusal('YearOutOfRange', 'year is not in range [1,9999]');
  };
}

function notInteger(): Refusal {
  return new Refusal('NotInteger', 'has a value that is not an integer');
}

const FLOAT_NAMES = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** NaN and the infinities come as their names; a number that 32 bits cannot hold is out of range, not infinite. */
function floatReader(type: FloatType, typeName: string): ResultReader {
  const check = numberConstraint(type);
  const isSmall = type.bitSize === 32;
  return (value) => {
    const number = typeof value === 'string' ? FLOAT_NAMES.get(value) : value;
    if (typeof number !== 'number') return wrongType(typeName);
    if (!Number.isFinite(number)) {
      return type.real
        ? new Refusal('NotFinite', 'has a value that is not a finite number')
        : (check(number) ?? number);
    }
    const rounded = isSmall ? Math.fround(number) : number;
    if (rounded === Infinity) return new Refusal('TooLarge', `is greater than ${MAX_FLOAT_32}`);
    if (rounded === -Infinity) return new Refusal('TooSmall', `is less than -${MAX_FLOAT_32}`);
    return check(rounded) ?? rounded;
  };
}

function decimalReader(type: DecimalType, typeName: string): ResultReader {
  const check = decimalConstraint(type);
  const { precision, scale = 0 } = type;
  return (value) => {
    if (typeof value !== 'string') return wrongType(typeName);
    const decimal = isShortDecimal(value) ? value : parseDecimal(value);
    if (decimal === undefined) return new Refusal('NotDecimal', 'is not in the expected decimal format');
    const fitted = fitDecimal(decimal, precision, scale);
    if (fitted !== undefined) return check(fitted) ?? fitted;
    return new Refusal('NumberOutOfRange', `has a value which is not in range of «decimal(${precision}, ${scale})»`);
  };
}

const NOT_PARSED = {
  datetime: ['NotDatetime', 'datetime'],
  date: ['NotDate', 'date'],
  time: ['NotTime', 'time'],
  uuid: ['NotUUID', 'UUID'],
  ip: ['NotIP', 'IP address'],
} as const;

/** The kinds that are text of a certain form. */
function formattedReader(
  kind: keyof typeof NOT_PARSED,
  parse: (text: string) => ParsedDatetime,
  typeName: string,
): ResultReader {
  const [code, format] = NOT_PARSED[kind];
  return (value): Value | Refusal => {
    if (typeof value !== 'string') return wrongType(typeName);
    const parsed = parse(value);
    if (typeof parsed === 'string') return parsed;
    return parsed === null
      ? new Refusal('YearOutOfRange', 'has a year outside the allowed range (1–9999)')
      : new Refusal(code, `is not in the expected ${format} format`);
  };
}
