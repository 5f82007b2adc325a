import type { ReadFrom } from '@penstock/engine';

const CANONICAL = /^\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)?$/;
/** Length of a datetime with microseconds, the precision of MySQL. */
const MICROSECONDS_LENGTH = 26;

/** What `${limit}` is in a run: more than any table has. */
const NO_LIMIT = '9223372036854775807';

/** Values of the placeholders in a run. */
export function runPlaceholders(from: ReadFrom | null): ReadonlyMap<string, string> {
  return new Map([
    ['updated_at', from === null ? 'NULL' : startLiteral(from)],
    ['limit', NO_LIMIT],
  ]);
}

/** Values of the placeholders in a preview. */
export function previewPlaceholders(limit: number): ReadonlyMap<string, string> {
  return new Map([
    ['updated_at', 'NULL'],
    ['limit', String(limit)],
  ]);
}

function startLiteral(from: ReadFrom): string {
  return from.text === undefined ? timeLiteral(from) : textLiteral(from.text);
}

/**
 * The format of the column may have brought any characters into the text, and what a backslash means depends on the server:
 * in hexadecimal digits it means nothing.
 */
function textLiteral(text: string): string {
  return ` _utf8mb4 X'${Buffer.from(text).toString('hex')}'`;
}

/**
 * A text that MySQL compares as what the column is. Columns of type TIMESTAMP are compared in the zone of the session, which
 * is UTC. Digits beyond microseconds are cut, because MySQL would round them, and rounding up would pass over records.
 */
function timeLiteral({ updatedAt, kind }: ReadFrom): string {
  if (!CANONICAL.test(updatedAt)) throw new Error('the cursor is not a canonical date or datetime');
  if (kind === 'date') return `'${updatedAt.slice(0, 10)}'`;
  const datetime = updatedAt.length === 10 ? `${updatedAt} 00:00:00` : updatedAt;
  return `'${datetime.slice(0, MICROSECONDS_LENGTH)}'`;
}
