/** A name as it is, or in backticks, in which a backtick is doubled; at its end a point or the end. */
const PART = /(?:([\p{L}\p{N}$_]+)|`((?:[^`]|``)+)`)(\.|$)/uy;

/** Reads `table` or `database.table` as a query writes it. Null when it is neither. */
export function parseTableName(text: string): readonly [database: string | null, table: string] | null {
  const parts: string[] = [];
  let isOpen = true;
  PART.lastIndex = 0;
  while (isOpen) {
    const [, plain, quoted = '', end] = PART.exec(text) ?? [];
    if (end === undefined) return null;
    parts.push(plain ?? quoted.replaceAll('``', '`'));
    isOpen = end === '.';
  }
  const [first = '', second] = parts;
  if (parts.length > 2) return null;
  return second === undefined ? [null, first] : [first, second];
}
