import { hasClock } from './datetime-text.js';
import { endOfDigits, fractionText } from './digits.js';

const POINT = 46;

/**
 * Reads `hh:mm:ss` with up to nine digits of a fraction at the start of a text; whatever follows is ignored, so that a zone
 * may follow. Returns a canonical time, undefined when there is none.
 */
export function parseTime(text: string): string | undefined {
  if (!hasClock(text, 0)) return undefined;
  if (text.length === 8) return text;
  const clock = text.slice(0, 8);
  return text.charCodeAt(8) === POINT ? clock + fractionText(text, 9, endOfDigits(text, 9)) : clock;
}

/** Reads `hh:mm:ss[.f]` and nothing else. */
export function parseStrictTime(text: string): string | undefined {
  return /^.{8}(?:\.\d{1,9})?$/.test(text) ? parseTime(text) : undefined;
}
