import type { SimpleType, Type } from '../types/type.js';
import { isSupportedYear } from '../values/calendar.js';
import { parseIp } from '../values/ip-text.js';
import { jsonNumber } from '../values/json-text.js';
import { parseAnyUuid } from '../values/uuid-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { fromJson, fromNumber, fromText, keepUnlessNull, type Site } from './site.js';
import { fromJsonString } from './to-instant.js';

const YEAR_TEXT = /^[1-9][0-9]{0,3}$/;
const JSON_INTEGER = /^-?[0-9]+$/;

/** Conversion to year: text of one to four digits without leading zeros, integers and JSON integers from 1 to 9999. */
export function toYear(from: Type, to: SimpleType, site: Site): Conversion {
  const refused = site.wording.notConvertible(to);
  const outOfRange = site.wording.yearOutOfRange();
  const ofNumber = (year: number): Value | ValueFailure => (isSupportedYear(year) ? year : outOfRange);
  switch (from.kind) {
    case 'string':
      return fromText(to, site, (text) => (YEAR_TEXT.test(text) ? Number(text) : refused));
    case 'json':
      return fromJson(to, site, (json, kind) => {
        const isInteger = kind === 'number' && JSON_INTEGER.test(jsonNumber(json));
        return isInteger ? ofNumber(Number(jsonNumber(json))) : refused;
      });
    case 'int':
      if (from.bitSize === 64) return fromText(to, site, (digits) => ofNumber(Number(digits)));
      return fromNumber(to, site, ofNumber);
    default:
      return keepUnlessNull(to, site);
  }
}

/** Conversion to uuid: the usual form in any case, in braces, after `urn:uuid:`, or without its dashes. */
export function toUuid(from: Type, to: SimpleType, site: Site): Conversion {
  return fromParsedText(from, to, { ...site, parse: parseAnyUuid, refused: site.wording.notUuid() });
}

/** Conversion to ip: an IPv4 or IPv6 address, made canonical. */
export function toIp(from: Type, to: SimpleType, site: Site): Conversion {
  return fromParsedText(from, to, { ...site, parse: parseIp, refused: site.wording.notIp() });
}

interface ParseSite extends Site {
  readonly parse: (text: string) => string | undefined;
  readonly refused: ValueFailure;
}

function fromParsedText(from: Type, to: SimpleType, site: ParseSite): Conversion {
  const { parse, refused } = site;
  if (from.kind === 'string') return fromText(to, site, (text) => parse(text) ?? refused);
  if (from.kind === 'json') return fromJsonString(to, site, (text) => parse(text) ?? refused, refused);
  return keepUnlessNull(to, site);
}
