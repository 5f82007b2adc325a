import type { StringType, Type } from '../types/type.js';
import { rfc3339Text } from '../values/datetime-text.js';
import { trimDecimal } from '../values/decimal-text.js';
import { floatText } from '../values/float-text.js';
import { isBrokenString, type JsonKind, jsonNumber, jsonString } from '../values/json-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { type Check, textCheck } from './constraints.js';
import { fromBoolean, fromJson, fromNumber, refuse, resultForNull, type Site } from './site.js';

type TextResult = (text: string) => Value | ValueFailure;

/**
 * Conversion to string. Numbers become their shortest text, datetimes RFC 3339, JSON strings their text; JSON arrays and
 * objects have no text. Then the constraints apply.
 */
export function toText(from: Type, to: StringType, site: Site): Conversion {
  const check = textCheck(to, site.wording);
  const finish: TextResult = check === undefined ? (text) => text : (text) => check(text) ?? text;
  switch (from.kind) {
    case 'boolean':
      return fromBoolean(to, site, finish('true'), finish('false'));
    case 'float':
      return fromNumber(to, site, (number) => finish(floatText(number, from.bitSize)));
    case 'int':
      if (from.bitSize === 64) return fromTextOf(to, site, check);
      return fromNumber(to, site, (number) => finish(String(number)));
    case 'year':
      return fromNumber(to, site, (number) => finish(String(number)));
    case 'decimal':
      return fromCanonicalText(to, site, (decimal) => finish(trimDecimal(decimal)));
    case 'datetime':
      return fromCanonicalText(to, site, (datetime) => finish(rfc3339Text(datetime)));
    case 'json':
      return fromJsonText(to, site, check);
    case 'array':
    case 'object':
    case 'map':
      return refuse(to, site);
    default:
      return fromTextOf(to, site, check);
  }
}

/** Text that stays as it is and is only checked. */
function fromTextOf(to: StringType, site: Site, check: Check<string> | undefined): Conversion {
  const onNull = resultForNull(to, site);
  const onEmpty = resultForEmptyText(site, check);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'string') return value === null ? onNull : refused;
    if (value === '') return onEmpty;
    return check === undefined ? value : (check(value) ?? value);
  };
}

/** The empty text is null where it is not allowed, so that an empty field of a file is no error. */
function resultForEmptyText(site: Site, check: Check<string> | undefined): Value | ValueFailure {
  const failure = check?.('');
  if (failure === undefined) return '';
  return site.nullable ? null : failure;
}

function fromCanonicalText(to: StringType, site: Site, read: TextResult): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'string') return value === null ? onNull : refused;
    return read(value);
  };
}

function fromJsonText(to: StringType, site: Site, check: Check<string> | undefined): Conversion {
  const refused = site.wording.notConvertible(to);
  const notUnicode = site.wording.notUnicode();
  const onEmpty = resultForEmptyText(site, check);
  return fromJson(to, site, (json, kind) => {
    const text = jsonScalarText(json, kind);
    if (text === undefined) return refused;
    if (text === '') return onEmpty;
    if (isBrokenString(json, text)) return notUnicode;
    return check === undefined ? text : (check(text) ?? text);
  });
}

/** The text of a JSON value that is neither array nor object: of a string what it says, of others how they are written. */
export function jsonScalarText(json: string, kind: JsonKind): string | undefined {
  switch (kind) {
    case 'string':
      return jsonString(json);
    case 'array':
    case 'object':
      return undefined;
    case 'number':
      return jsonNumber(json);
    default:
      return kind;
  }
}
