import type { SimpleType, Type } from '../types/type.js';
import { parseDate, parseIsoDate } from '../values/date-text.js';
import { type ParsedDatetime, parseRfc3339 } from '../values/datetime-text.js';
import { parseIso8601 } from '../values/iso8601.js';
import { jsonString } from '../values/json-text.js';
import { parseTime } from '../values/time-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { fromJson, fromText, keepUnlessNull, resultForEmpty, type Site } from './site.js';

/** Conversion to datetime: text must be RFC 3339 with its zone, JSON strings any ISO 8601; a date is its midnight. */
export function toDatetime(from: Type, to: SimpleType, site: Site): Conversion {
  const refused = site.wording.notDatetime();
  switch (from.kind) {
    case 'string':
      return fromText(to, site, withYearCheck(parseRfc3339, refused, site));
    case 'json':
      return fromJsonString(to, site, withYearCheck(parseIso8601, refused, site), refused);
    case 'date':
      return fromText(to, site, (date) => `${date} 00:00:00`);
    default:
      return keepUnlessNull(to, site);
  }
}

/** Conversion to date: text in one of four ways to write a date, JSON strings only as `YYYY-MM-DD`; the day of a datetime. */
export function toDate(from: Type, to: SimpleType, site: Site): Conversion {
  const refused = site.wording.notDate();
  switch (from.kind) {
    case 'string':
      return fromText(to, site, withYearCheck(parseDate, refused, site));
    case 'json':
      return fromJsonString(to, site, withYearCheck(parseIsoDate, refused, site), refused);
    case 'datetime':
      return fromText(to, site, (datetime) => datetime.slice(0, 10));
    default:
      return keepUnlessNull(to, site);
  }
}

/** Conversion to time: text and JSON strings that start with `hh:mm:ss[.f]`; the clock of a datetime. */
export function toTime(from: Type, to: SimpleType, site: Site): Conversion {
  const refused = site.wording.notTime();
  switch (from.kind) {
    case 'string':
      return fromText(to, site, (text) => parseTime(text) ?? refused);
    case 'json':
      return fromJsonString(to, site, (text) => parseTime(text) ?? refused, refused);
    case 'datetime':
      return fromText(to, site, (datetime) => datetime.slice(11));
    default:
      return keepUnlessNull(to, site);
  }
}

type TextResult = (text: string) => Value | ValueFailure;

function withYearCheck(parse: (text: string) => ParsedDatetime, refused: ValueFailure, site: Site): TextResult {
  const yearOutOfRange = site.wording.yearOutOfRange();
  return (text) => {
    const parsed = parse(text);
    if (typeof parsed === 'string') return parsed;
    return parsed === null ? yearOutOfRange : refused;
  };
}

/** An empty JSON string is what an empty text is. */
export function fromJsonString(to: SimpleType, site: Site, read: TextResult, refused: ValueFailure): Conversion {
  const onEmpty = resultForEmpty(to, site);
  return fromJson(to, site, (json, kind) => {
    if (kind !== 'string') return refused;
    const text = jsonString(json);
    return text === '' ? onEmpty : read(text);
  });
}
