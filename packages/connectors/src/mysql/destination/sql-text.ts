/** The functions that turn what is not a constant into SQL, in sessions where a backslash is an ordinary character in a text. */

/** Makes a name part of a statement. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Makes a text part of a statement. */
export function quoteText(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", "''")}'` : `'${text}'`;
}
