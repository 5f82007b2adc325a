/** The only functions that turn what is not a constant into SQL. Values go as parameters, wherever a statement can have them. */

/** Makes a name part of a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Makes an integer part of a statement that cannot have parameters: a default, a check, the bound of a partition. */
export function integerLiteral(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error('not an integer');
  return String(value);
}
