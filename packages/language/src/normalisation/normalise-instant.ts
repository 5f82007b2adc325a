import type { SimpleType } from '../types/type.js';
import { parseIsoDate } from '../values/date-text.js';
import { datetimeOfMs, isCanonicalDatetime, type ParsedDatetime } from '../values/datetime-text.js';
import { parseIso8601 } from '../values/iso8601.js';
import { parseStrictTime } from '../values/time-text.js';
import { compileLayout, type LayoutReader } from './layouts.js';
import { textOf } from './raw-type.js';
import {
  bareWording,
  NOT_TEXT,
  type Normalised,
  type Normaliser,
  Refusal,
  wrongType,
  YEAR_OUT_OF_RANGE,
} from './refusal.js';

/** Texts beyond this are not looked at. */
const MAX_TEXT_LENGTH = 1000;
const DATE_LENGTH = 10;
const CLOCK_START = 11;
const HAS_CLOCK = /[T ]/;

/** What the three kinds have in common: which readers they use, and what of a datetime is theirs. */
interface InstantKind {
  readonly type: SimpleType;
  readonly nullable: boolean;
  readonly layout: LayoutReader | undefined;
  /** Reads a text where there is no layout: a datetime, or right the value. */
  readonly ofIso: (text: string) => ParsedDatetime;
  /** Cuts the value out of a datetime that a layout or a Date says. */
  readonly cut: (datetime: string) => string;
  readonly refused: Refusal;
}

/** Dates (the JavaScript class), text in the layout, and numbers where the layout counts from 1970. */
export function normaliseDatetime(type: SimpleType, nullable: boolean, layout: string | undefined): Normaliser {
  return reader({
    type,
    nullable,
    layout: compileLayout(layout),
    ofIso: (text) => (isCanonicalDatetime(text) ? text : parseIso8601(text)),
    cut: (datetime) => datetime,
    refused: Refusal.of(bareWording.notDatetime()),
  });
}

/** As datetimes; the day of theirs in UTC. */
export function normaliseDate(type: SimpleType, nullable: boolean, layout: string | undefined): Normaliser {
  return reader({
    type,
    nullable,
    layout: compileLayout(layout),
    ofIso: (text) => parseIsoDate(text) ?? partOf(parseIso8601(text), dayOf),
    cut: dayOf,
    refused: Refusal.of(bareWording.notDate()),
  });
}

/** `hh:mm:ss[.f]` as text or bytes; the clock of datetimes in UTC. */
export function normaliseTime(type: SimpleType, nullable: boolean, layout: string | undefined): Normaliser {
  const ofString = reader({
    type,
    nullable,
    layout: compileLayout(layout),
    ofIso: (text) => parseStrictTime(text) ?? (HAS_CLOCK.test(text) ? partOf(parseIso8601(text), clockOf) : undefined),
    cut: clockOf,
    refused: Refusal.of(bareWording.notTime()),
  });
  return (raw) => {
    if (!(raw instanceof Uint8Array)) return ofString(raw);
    const text = textOf(raw);
    return typeof text === 'string' ? ofString(text) : NOT_TEXT;
  };
}

function dayOf(datetime: string): string {
  return datetime.slice(0, DATE_LENGTH);
}

function clockOf(datetime: string): string {
  return datetime.slice(CLOCK_START);
}

function partOf(datetime: ParsedDatetime, part: (datetime: string) => string): ParsedDatetime {
  return typeof datetime === 'string' ? part(datetime) : datetime;
}

function reader(kind: InstantKind): Normaliser {
  const { type, nullable, layout, refused } = kind;
  const refuse = wrongType(type);
  const ofText = textReader(kind);
  const ofDatetime = (datetime: ParsedDatetime): Normalised => {
    if (typeof datetime === 'string') return kind.cut(datetime);
    return datetime === null ? YEAR_OUT_OF_RANGE : refused;
  };
  return (raw) => {
    if (typeof raw === 'string') return nullable && raw === '' ? null : ofText(raw);
    if (raw instanceof Date) return Number.isNaN(raw.getTime()) ? refused : ofDatetime(datetimeOfMs(raw.getTime()));
    if (typeof raw !== 'number' && typeof raw !== 'bigint') return refuse(raw);
    return layout?.ofNumber === undefined ? refuse(raw) : ofDatetime(layout.ofNumber(raw));
  };
}

function textReader({ layout, ofIso, cut, refused }: InstantKind): (text: string) => Normalised {
  return (text) => {
    if (text.length > MAX_TEXT_LENGTH) return refused;
    const parsed = layout === undefined ? ofIso(text) : layout.ofText(text);
    if (typeof parsed !== 'string') return parsed === null ? YEAR_OUT_OF_RANGE : refused;
    return layout === undefined ? parsed : cut(parsed);
  };
}
