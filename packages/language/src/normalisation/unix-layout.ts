import { datetimeText, type ParsedDatetime } from '../values/datetime-text.js';
import { fractionText } from '../values/digits.js';
import type { LayoutReader } from './layouts.js';

/** Digits of a unit below the second. */
const UNITS = { unix: 0, unixmilli: 3, unixmicro: 6, unixnano: 9 } as const;

const INTEGER = /^[+-]?[0-9]{1,30}$/;

/** Whether a layout counts from 1970. */
export function isUnixLayout(layout: string): layout is keyof typeof UNITS {
  return Object.hasOwn(UNITS, layout);
}

/** Compiles the reader of integers since 1970; a number that is not integral is rounded down to the unit. */
export function compileUnixLayout(layout: keyof typeof UNITS): LayoutReader {
  const digits = UNITS[layout];
  return {
    ofText: (text) => (INTEGER.test(text) ? datetimeOfCount(Number(text), text, digits) : undefined),
    ofNumber: (number) => {
      if (typeof number === 'bigint') return datetimeOfCount(Number(number), number, digits);
      return Number.isFinite(number) ? datetimeOfCount(Math.floor(number), Math.floor(number), digits) : undefined;
    },
  };
}

/** No year up to 9999 has more seconds. */
const MAX_SECONDS = 1e12;

function datetimeOfCount(count: number, exact: string | number | bigint, digits: number): ParsedDatetime {
  const unit = 10 ** digits;
  if (Math.abs(count) > MAX_SECONDS * unit) return null;
  if (Number.isSafeInteger(count))
    return withRest(Math.floor(count / unit), count - Math.floor(count / unit) * unit, digits);
  const bigUnit = BigInt(unit);
  const rest = ((BigInt(exact) % bigUnit) + bigUnit) % bigUnit;
  return withRest(Number((BigInt(exact) - rest) / bigUnit), Number(rest), digits);
}

function withRest(seconds: number, rest: number, digits: number): ParsedDatetime {
  return datetimeText(0, seconds, fractionText(String(rest).padStart(digits, '0'), 0, digits));
}
