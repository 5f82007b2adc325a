export interface Table {
  /** The heading of the section that the table is in. */
  readonly heading: string;
  readonly head: readonly string[];
  /** Cells without blanks around them; rows have as many as the head. */
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a document, in their order. */
export function tablesOf(text: string): Table[] {
  const lines = text.split('\n');
  let heading = '';
  return lines.flatMap((line, index) => {
    if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
    const isRule = /^\|[-| ]+\|$/.test(line);
    return isRule ? [{ heading, head: cellsOf(lines[index - 1] ?? ''), rows: rowsFrom(lines, index + 1) }] : [];
  });
}

function rowsFrom(lines: readonly string[], start: number): string[][] {
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('|'));
  return lines.slice(start, end === -1 ? undefined : end).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The rows of all tables with the given head, joined. Throws when there is none: a test of nothing proves nothing. */
export function rowsWithHead(text: string, head: readonly string[]): readonly (readonly string[])[] {
  const rows = tablesOf(text).flatMap((table) => (table.head.join() === head.join() ? table.rows : []));
  if (rows.length === 0) throw new Error(`there is no table with the columns ${head.join(', ')}`);
  return rows;
}

/** The rows of the first table of a section with the given head. */
export function rowsUnder(text: string, heading: string, head: readonly string[]): readonly (readonly string[])[] {
  const table = tablesOf(text).find((other) => other.heading === heading && other.head.join() === head.join());
  if (table === undefined) throw new Error(`"${heading}" has no table with the columns ${head.join(', ')}`);
  return table.rows;
}
