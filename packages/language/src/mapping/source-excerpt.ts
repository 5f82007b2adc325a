import type { Span } from './expression-error.js';

/** Characters of a line that an excerpt shows at most. */
const MAX_WIDTH = 60;

/**
 * Shows a place in a text: its line, cut to what is around the place, and carets below the place, at least one. `lineStart` is
 * the offset of the line. What runs on in further lines is marked to the end of the first.
 */
export function excerptOf(span: Span, lineStart: number): string {
  const line = lineFrom(span.text, lineStart);
  const start = characters(line.slice(0, span.offset - lineStart)).length;
  const marked = characters(line.slice(span.offset - lineStart, span.offset - lineStart + span.length)).length;
  const all = characters(line);
  const from = firstShown(all.length, start, marked);
  const to = Math.min(all.length, from + MAX_WIDTH);
  const shown = `${from > 0 ? '…' : ''}${all.slice(from, to).join('')}${to < all.length ? '…' : ''}`;
  const indent = start - from + (from > 0 ? 1 : 0);
  return `${shown}\n${' '.repeat(indent)}${'^'.repeat(Math.max(1, Math.min(marked, to - start)))}`;
}

function lineFrom(text: string, lineStart: number): string {
  const end = text.indexOf('\n', lineStart);
  return text.slice(lineStart, end === -1 ? text.length : end).replace(/\r$/, '');
}

/** Every character is one column wide: a tab would move the line but not the carets. */
function characters(text: string): string[] {
  return Array.from(text, (character) => (character < ' ' || character === '\x7f' ? ' ' : character));
}

/** Shows the start of a place that is longer than the excerpt, and the middle of the excerpt is the middle of any other. */
function firstShown(length: number, start: number, marked: number): number {
  if (length <= MAX_WIDTH) return 0;
  const margin = Math.max(0, Math.floor((MAX_WIDTH - marked) / 2));
  return Math.max(0, Math.min(start - margin, length - MAX_WIDTH));
}
