import type { ReadFrom } from '@penstock/engine';

const CANONICAL = /^\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)?$/;
/** Length of a datetime with microseconds, the precision of PostgreSQL. */
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

/** The format of the column may have brought any characters into the text. */
function textLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/**
 * A literal without a type: it takes the one of the column that it is compared with. The zone counts for timestamptz and is
 * ignored by timestamp, which is taken as UTC, and by date. Digits beyond microseconds are cut, because PostgreSQL would
 * round them, and rounding up would pass over records.
 */
function timeLiteral({ updatedAt, kind }: ReadFrom): string {
  if (!CANONICAL.test(updatedAt)) throw new Error('the cursor is not a canonical date or datetime');
  if (kind === 'date') return `'${updatedAt.slice(0, 10)}'`;
  const datetime = updatedAt.length === 10 ? `${updatedAt} 00:00:00` : updatedAt;
  return `'${datetime.slice(0, MICROSECONDS_LENGTH)}+00'`;
}
