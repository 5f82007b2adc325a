/** Makes a name part of a statement. The only place where text that is not a constant gets into SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes names and separates them by commas: the column list of a statement. */
export function quoteIdentifiers(names: readonly string[], prefix = ''): string {
  return names.map((name) => `${prefix}${quoteIdentifier(name)}`).join(', ');
}
