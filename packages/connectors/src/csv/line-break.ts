/** What ends a line: a line feed, also after a carriage return, or a carriage return alone. */
export type LineBreak = '\n' | '\r';

/** Bytes at the beginning of a file that decide. */
const LOOKED_AT_BYTES = 64 * 1024;

/**
 * Which line break a file uses: the first one that is not within quotes. null: more of the file is needed. A carriage
 * return alone counts only if the file begins so; elsewhere it is a character of a field.
 */
export function findLineBreak(beginning: Buffer, quote: string, complete: boolean): LineBreak | null {
  const text = beginning.toString('utf8', 0, LOOKED_AT_BYTES);
  const certain = complete || beginning.length >= LOOKED_AT_BYTES;
  let quoted = false;
  for (const { 0: found, index } of text.matchAll(quote === '' ? /\r+\n?|\n/g : quoteOrBreak(quote))) {
    if (found === quote) quoted = !quoted;
    else if (!quoted && found.endsWith('\n')) return '\n';
    else if (!quoted && (certain || index + found.length < text.length)) return '\r';
  }
  if (!certain) return null;
  return text.includes('\r') && !text.includes('\n') ? '\r' : '\n';
}

function quoteOrBreak(quote: string): RegExp {
  return new RegExp(`\\r+\\n?|\\n|${quote.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')}`, 'g');
}
