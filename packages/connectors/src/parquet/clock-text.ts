import type { ValueFailure } from '@penstock/language';

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_MINUTE = 60;
const MS_PER_DAY = 86_400_000;
/** 0001-01-01 and 9999-12-31 as days since 1970-01-01. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;
const MAX_CACHED_DAYS = 50_000;

const TWO_DIGITS = Array.from({ length: SECONDS_PER_MINUTE }, (_, value) => String(value).padStart(2, '0'));

/** Writes days since 1970-01-01 as canonical dates; it remembers them, as the days of a column are mostly the same few. */
export class DayTexts {
  readonly #texts = new Map<number, string>();
  readonly #outOfRange: ValueFailure;

  constructor(outOfRange: ValueFailure) {
    this.#outOfRange = outOfRange;
  }

  text(day: number): string | ValueFailure {
    const known = this.#texts.get(day);
    if (known !== undefined) return known;
    if (day < FIRST_DAY || day > LAST_DAY) return this.#outOfRange;
    if (this.#texts.size >= MAX_CACHED_DAYS) this.#texts.clear();
    const text = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    this.#texts.set(day, text);
    return text;
  }

  /** The datetime that is some whole seconds since 1970-01-01 and a part of a second, which has so many digits. */
  datetime(seconds: number, part: number, digits: number): string | ValueFailure {
    const day = Math.floor(seconds / SECONDS_PER_DAY);
    const date = this.text(day);
    return typeof date === 'string' ? `${date} ${clockText(seconds - day * SECONDS_PER_DAY, part, digits)}` : date;
  }
}

/** A time of the day, from its whole seconds and a part of a second, which has so many digits. */
export function clockText(seconds: number, part: number, digits: number): string {
  const hour = Math.floor(seconds / SECONDS_PER_HOUR);
  const rest = seconds - hour * SECONDS_PER_HOUR;
  const minute = Math.floor(rest / SECONDS_PER_MINUTE);
  const text = `${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[rest - minute * SECONDS_PER_MINUTE]}`;
  return part === 0 ? text : `${text}.${fraction(part, digits)}`;
}

function fraction(part: number, digits: number): string {
  let [value, length] = [part, digits];
  while (value % 10 === 0) [value, length] = [value / 10, length - 1];
  return String(value).padStart(length, '0');
}
