/** A statement that reads, and where in it the user's query begins. */
export interface CopyStatement {
  readonly text: string;
  /** Characters before the query; positions in the server's errors count them. */
  readonly offset: number;
}

/** Which columns and rows of a query are read. */
export interface CopySelection {
  /** How many columns the query returns. */
  readonly columns: number;
  /** The columns to read, by position. */
  readonly kept: readonly number[];
  /** Greatest number of rows; null reads all. */
  readonly limit: number | null;
}

/**
 * A query without the semicolons and blanks at its end, which people write and a subquery must not have. A comment after the
 * last semicolon is not looked for: that would take a reader of SQL, and the server says well enough what it does not like.
 */
export function trimQuery(query: string): string {
  let end = query.length;
  while (end > 0 && /[\s;]/.test(query.charAt(end - 1))) end -= 1;
  return query.slice(0, end);
}

/**
 * The COPY that reads a query. The line break after the query ends a comment in its last line, which would else swallow the
 * parenthesis. Columns that are left out, and a limit, take a subquery; the names there are ours, because those of the query
 * may repeat.
 */
export function copyStatement(query: string, selection: CopySelection): CopyStatement {
  if (isWhole(selection)) return around('COPY (\n', query, '\n) TO STDOUT');
  const { columns, kept, limit } = selection;
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  const selected = kept.map((index) => `c${index}`).join(', ');
  const end = limit === null ? '' : ` LIMIT ${limit}`;
  return around(`COPY (SELECT ${selected} FROM (\n`, query, `\n) AS q (${names.join(', ')})${end}) TO STDOUT`);
}

/** A statement that can be parsed, and is never executed, when the query is one that reads. */
export function probeStatement(query: string): string {
  return `COPY (SELECT FROM (\n${query}\n) AS q) TO STDOUT`;
}

function isWhole({ columns, kept, limit }: CopySelection): boolean {
  return limit === null && kept.length === columns;
}

function around(before: string, query: string, after: string): CopyStatement {
  return { text: before + query + after, offset: before.length };
}

/** An identifier as SQL writes it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
