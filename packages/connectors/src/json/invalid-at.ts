import { notJson, notUtf8 } from './json-errors.js';
import { MARK } from './marked-utf8.js';
import type { TextWindow } from './text-window.js';

/** What to say of a text that is not valid at a position. */
export function invalidAt(window: TextWindow, position: number): Error {
  const place = window.placeOf(position);
  return window.text[position] === MARK ? notUtf8(place) : notJson(place);
}
