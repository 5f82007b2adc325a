import type { RawField, RawRow } from '@penstock/engine';

const TAB = '\t';
const BACKSLASH = '\\';
const NULL_MARK = '\\N';
/** What COPY writes with a letter after a backslash; any other character after one is itself. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/**
 * Splits a row of COPY text into its fields. Measured on rows of 13 columns: looking for each tab and cutting there takes
 * 0.6 of the time of `split`, and decoding the row by itself, rather than the chunk, lets a field that somebody keeps hold
 * no more than its row in memory.
 */
export function splitRow(text: string, columns: number): RawRow {
  const fields = new Array<RawField>(columns);
  let start = 0;
  let backslash = text.indexOf(BACKSLASH);
  for (let column = 0; column < columns; column += 1) {
    const end = column === columns - 1 ? text.length : text.indexOf(TAB, start);
    if (end === -1) throw new Error(`a row has ${column + 1} of ${columns} columns`);
    const field = text.substring(start, end);
    if (backslash === -1 || backslash >= end) {
      fields[column] = field;
    } else {
      fields[column] = field === NULL_MARK ? null : unescapeField(field);
      backslash = text.indexOf(BACKSLASH, end);
    }
    start = end + 1;
  }
  return fields;
}

function unescapeField(field: string): string {
  let text = '';
  let from = 0;
  for (let at = field.indexOf(BACKSLASH); at !== -1; at = field.indexOf(BACKSLASH, from)) {
    const escaped = field.charAt(at + 1);
    text += field.substring(from, at) + (ESCAPES.get(escaped) ?? escaped);
    from = at + 2;
  }
  return text + field.substring(from);
}
