import { compileTimeFormat, jsonKind, jsonString, type Type, type Value } from '@penstock/language';
import type { ReadFrom } from './source.js';

const DAY_START = ' 00:00:00';
const EARLIEST = '1900-01-01 00:00:00';
const MAX_FUTURE_MS = 5 * 60_000;
const ISO_8601 = 'ISO8601';

/** An update time as canonical datetime, or what is wrong with it. */
export type UpdateTime = { readonly at: string } | { readonly failure: string };

export type ReadUpdateTime = (value: Value, latest: string) => UpdateTime;

/** The canonical datetime (UTC) of a point in time in milliseconds. */
export function canonicalDatetime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .slice(0, -1)
    .replace('T', ' ')
    .replace(/\.?0+$/, trimFraction);
}

/** Only a fraction is trimmed: the zeros of 12:30:00 are its seconds. */
function trimFraction(zeros: string, position: number): string {
  const FRACTION_START = 19;
  return position >= FRACTION_START ? '' : zeros;
}

/** The latest update time that is believed: clocks differ by less than five minutes. */
export function latestUpdateTime(nowMs: number): string {
  return canonicalDatetime(nowMs + MAX_FUTURE_MS);
}

/**
 * Compiles how the update time of a record is read: datetimes and dates as they are, text in the format of the column, JSON
 * strings as their text; JSON numbers too, except as ISO 8601. Without a format text is ISO 8601. A time that is missing,
 * before 1900 or more than five minutes in the future is a failure of the record.
 * @throws TimeFormatError when the format is none, which the rules of pipelines exclude.
 */
export function compileUpdateTime(column: string, type: Type, format: string | null): ReadUpdateTime {
  const read = readerOf(type, format ?? ISO_8601);
  const missing = { failure: `update time column "${column}" is null` };
  const unreadable = { failure: `update time column "${column}" is not a time` };
  const early = { failure: `update time column "${column}" is before the year 1900` };
  const late = { failure: `update time column "${column}" is more than 5 minutes in the future` };
  return (value, latest) => {
    if (value === null) return missing;
    const at = read(value);
    if (at === undefined) return unreadable;
    if (at < EARLIEST) return early;
    return at > latest ? late : { at };
  };
}

function readerOf(type: Type, format: string): (value: Value) => string | undefined {
  switch (type.kind) {
    case 'datetime':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'date':
      return (value) => (typeof value === 'string' ? value + DAY_START : undefined);
    default:
      return textReader(type, format);
  }
}

function textReader(type: Type, format: string): (value: Value) => string | undefined {
  const { parse } = compileTimeFormat(format);
  const textOf = type.kind === 'json' ? (json: string) => jsonText(json, format !== ISO_8601) : (text: string) => text;
  return (value) => {
    const text = typeof value === 'string' ? textOf(value) : undefined;
    return text === undefined ? undefined : parse(text);
  };
}

/** The text of a JSON string, or the digits of a JSON number where they may be a time: a bare 2024 is no ISO 8601 datetime. */
function jsonText(json: string, mayBeNumber: boolean): string | undefined {
  const kind = jsonKind(json);
  if (kind === 'string') return jsonString(json);
  return mayBeNumber && kind === 'number' ? json.trim() : undefined;
}

/**
 * Where an incremental import starts to read: the cursor less an overlap. Where the column is text, with the text that the query
 * compares it with.
 */
export function readStart(
  { cursor, overlapMs }: { readonly cursor: string; readonly overlapMs: number },
  type: Type | undefined,
  format: string | null,
): ReadFrom {
  if (type?.kind === 'date') return { updatedAt: readFrom(cursor, overlapMs, 'date'), kind: 'date' };
  const updatedAt = readFrom(cursor, overlapMs, 'datetime');
  if (type?.kind !== 'string' && type?.kind !== 'json') return { updatedAt, kind: 'datetime' };
  return { updatedAt, kind: 'datetime', text: compileTimeFormat(format ?? ISO_8601).format(updatedAt) };
}

/**
 * Where an incremental import reads again from: the cursor less an overlap, because transactions commit later than the time
 * that they wrote. Rounds down only: digits below the second are kept as the source gave them.
 */
export function readFrom(cursor: string, overlapMs: number, kind: 'datetime' | 'date'): string {
  const SECONDS_END = 19;
  const whole = (cursor + DAY_START).slice(0, SECONDS_END).replace(' ', 'T');
  const seconds = Math.floor((Date.parse(`${whole}Z`) - overlapMs) / 1000) * 1000;
  const text = new Date(seconds).toISOString().slice(0, SECONDS_END).replace('T', ' ');
  return kind === 'date' ? text.slice(0, 'YYYY-MM-DD'.length) : text + cursor.slice(SECONDS_END);
}
