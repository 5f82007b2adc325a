import { skipBlanks } from './json-characters.js';
import { MARK } from './marked-utf8.js';
import type { TextWindow } from './text-window.js';

/** Moves the window past the white space at the beginning of a file, to the end where there is nothing else. */
export async function startOfContent(window: TextWindow): Promise<void> {
  do {
    await window.fill();
    window.at = skipBlanks(window.text, 0, window.text.length);
  } while (window.at === window.text.length && !window.isLast);
}

/** Whether a text that was taken for UTF-8 begins as one in UTF-16 or UTF-32 does, with a byte order mark or without. */
export function isUtf16(text: string): boolean {
  return text.startsWith(MARK + MARK) || text.slice(0, 2).includes('\0');
}
