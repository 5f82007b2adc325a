import type { Value } from '@penstock/language';
import { CLOCK_AT, CLOCK_LENGTH, dayOf, microsAt, secondsAt } from '../files/datetime-fields.js';
import type { GrowingBytes } from './growing-bytes.js';

const SECONDS_PER_DAY = 86_400;
const MICROS_PER_SECOND = 1_000_000;
/** Seconds whose microseconds are safe integers. */
const SAFE_SECONDS = 9_000_000_000;

export function encodeDate(out: GrowingBytes, value: Value): void {
  out.int32(dayOf(value as string));
}

/** As microseconds of the day; what is finer is cut off. */
export function encodeTime(out: GrowingBytes, value: Value): void {
  const time = value as string;
  out.int64(secondsAt(time, 0) * MICROS_PER_SECOND + microsAt(time, CLOCK_LENGTH));
}

/** As microseconds since 1970 in UTC; what is finer is cut off. */
export function encodeDatetime(out: GrowingBytes, value: Value): void {
  const datetime = value as string;
  const seconds = dayOf(datetime) * SECONDS_PER_DAY + secondsAt(datetime, CLOCK_AT);
  const micros = microsAt(datetime, CLOCK_AT + CLOCK_LENGTH);
  if (Math.abs(seconds) < SAFE_SECONDS) out.int64(seconds * MICROS_PER_SECOND + micros);
  else out.bigInt64(BigInt(seconds) * BigInt(MICROS_PER_SECOND) + BigInt(micros));
}
