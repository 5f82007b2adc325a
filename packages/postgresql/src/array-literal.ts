/** Thrown for text that is no array of one dimension. */
export class ArrayLiteralError extends Error {}

const SPECIAL = /["\\{}]/;

/**
 * Reads PostgreSQL's text of an array, `{a,"b c",NULL}`, into the texts of its elements; null for NULL. Bounds before the
 * braces are ignored. Throws {@link ArrayLiteralError} for an array of arrays, whose type says nothing of its dimensions.
 */
export function parseArrayLiteral(text: string): (string | null)[] {
  const open = text.indexOf('{');
  const inner = text.slice(open + 1, -1);
  if (open === -1 || !text.endsWith('}')) throw new ArrayLiteralError('not an array');
  if (inner === '') return [];
  if (!SPECIAL.test(inner)) return inner.split(',').map(unquotedElement);
  return parseElements(inner);
}

function parseElements(inner: string): (string | null)[] {
  const elements: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const [element, end] = inner.charAt(at) === '"' ? quotedAt(inner, at) : unquotedAt(inner, at);
    elements.push(element);
    if (end >= inner.length) return elements;
    at = end + 1;
  }
}

function unquotedAt(inner: string, at: number): [string | null, number] {
  const comma = inner.indexOf(',', at);
  const end = comma === -1 ? inner.length : comma;
  const element = inner.slice(at, end);
  if (SPECIAL.test(element)) throw new ArrayLiteralError('more than one dimension');
  return [unquotedElement(element), end];
}

function unquotedElement(element: string): string | null {
  return element === 'NULL' ? null : element;
}

/** An element in quotes, in which a backslash stands before a quote or a backslash. */
function quotedAt(inner: string, at: number): [string, number] {
  let element = '';
  for (let index = at + 1; index < inner.length; index += 1) {
    const character = inner.charAt(index);
    if (character === '"') return [element, index + 1];
    if (character === '\\') index += 1;
    element += inner.charAt(index);
  }
  throw new ArrayLiteralError('an element in quotes has no end');
}
