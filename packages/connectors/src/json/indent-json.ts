/** What each level is moved to the right by. */
export const INDENTATION = '  ';

/** Texts and scalars, brackets, commas and colons; blanks are left out. */
const TOKENS = /"(?:[^"\\]+|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

/** Valid JSON with a line for each member and element. Nothing but blanks is changed. */
export function indentJson(json: string, level: number): string {
  const tokens = json.match(TOKENS) ?? [];
  let depth = level;
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const opened = isOpening(tokens[index - 1]);
    const closes = token === ']' || token === '}';
    if (closes) depth -= 1;
    if (closes !== opened && (closes || opened)) text += lineOf(depth);
    text += token;
    if (token === ',') text += lineOf(depth);
    if (token === ':') text += ' ';
    if (isOpening(token)) depth += 1;
  }
  return text;
}

function isOpening(token: string | undefined): boolean {
  return token === '[' || token === '{';
}

function lineOf(depth: number): string {
  return `\n${INDENTATION.repeat(depth)}`;
}
