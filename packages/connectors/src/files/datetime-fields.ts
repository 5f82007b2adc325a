const ZERO = 48;
const DAYS_PER_ERA = 146_097;
const YEARS_PER_ERA = 400;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;
const MICRO_DIGITS = 6;

/** Where the clock of a canonical datetime begins, and how long a clock without a fraction is. */
export const CLOCK_AT = 11;
export const CLOCK_LENGTH = 8;

/** Days from 1970-01-01 to the date that a text begins with. Years begin in March here, so that leap days are at their end. */
export function dayOf(text: string): number {
  const month = twoDigits(text, 5);
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / YEARS_PER_ERA);
  const yearOfEra = year - era * YEARS_PER_ERA;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + twoDigits(text, 8) - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_PER_ERA + yearOfEra * 365 + leapDays + dayOfYear - EPOCH_DAYS;
}

/** Seconds of the clock that begins at a place. */
export function secondsAt(text: string, at: number): number {
  return 3_600 * twoDigits(text, at) + 60 * twoDigits(text, at + 3) + twoDigits(text, at + 6);
}

/** Microseconds of the fraction whose point is at a place; 0 where the text ends there. What is finer is cut off. */
export function microsAt(text: string, at: number): number {
  if (text.length <= at) return 0;
  let micros = 0;
  for (let digit = 1; digit <= MICRO_DIGITS; digit += 1) {
    const place = at + digit;
    micros = 10 * micros + (place < text.length ? text.charCodeAt(place) - ZERO : 0);
  }
  return micros;
}

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO;
}
