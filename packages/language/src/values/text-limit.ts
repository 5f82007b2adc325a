import type { Value } from './value.js';

/**
 * Greatest length, in UTF-16 units, of a text that an expression makes, and of all texts together of an array, a map or JSON
 * that it makes. What is copied has the limits of its source.
 */
export const MAX_TEXT_LENGTH = 16 * 1024 * 1024;

/**
 * Length in UTF-16 units of all texts in a row together, within arrays, objects and maps too: with the keys of these, and one
 * more for each element and member, so that it measures the work that there is with values that have no text as well.
 */
export function textLength(row: readonly Value[]): number {
  let length = 0;
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    if (typeof value === 'string') length += value.length;
    else if (typeof value === 'object' && value !== null) length += textLengthOf(value);
  }
  return length;
}

/** What {@link textLength} counts of one value. It recurses as deeply as the type of the value is nested. */
export function textLengthOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.length + textLength(value);
  let length = 0;
  // Objects of values inherit nothing, or nothing that can be enumerated.
  for (const key in value) {
    length += 1 + key.length + textLengthOf((value as { readonly [key: string]: Value })[key] ?? null);
  }
  return length;
}

/** Whether the JSON of a text is longer than the limit; its characters are only looked at where escapes can decide it. */
export function isJsonTextTooLong(text: string): boolean {
  if (text.length * 6 + 2 <= MAX_TEXT_LENGTH) return false;
  if (text.length + 2 > MAX_TEXT_LENGTH) return true;
  let length = text.length + 2;
  for (let index = 0; index < text.length; index++) length += escapeLength(text.charCodeAt(index));
  return length > MAX_TEXT_LENGTH;
}

/** By how much a unit grows at most when it is written in JSON. */
function escapeLength(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 1;
  if (unit >= 0x20) return 0;
  return unit === 0x0a || unit === 0x0d || unit === 0x09 || unit === 0x08 || unit === 0x0c ? 1 : 5;
}
