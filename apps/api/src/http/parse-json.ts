import { AppError, type ErrorDetail } from '@penstock/domain';
import { MAX_FINDINGS, pathText, refuse } from '@penstock/shared/contracts';

const MAX_DEPTH = 100;
const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/**
 * Parses the text of a request body. Stricter than JSON.parse, which silently keeps the last of two members of one name: what
 * the sender meant is then anybody's guess.
 * @throws AppError BadRequest
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('BadRequest', { message: 'request body is not valid JSON', cause });
  }
  checkMembers(text);
  // No database keeps these characters; without an escape a body, which is valid UTF-8, cannot have them.
  if (UNSTORABLE_ESCAPE.test(text)) checkTexts(value);
  return value;
}

function checkTexts(value: unknown): void {
  const violations: ErrorDetail[] = [];
  for (const violation of unstorableTexts(value, [])) {
    // Each has its whole path: of all that a body can have they would be gigabytes.
    if (violations.push(violation) === MAX_FINDINGS) break;
  }
  if (violations.length > 0) throw refuse(violations);
}

function* unstorableTexts(value: unknown, path: readonly PropertyKey[]): Generator<ErrorDetail> {
  if (typeof value === 'string') {
    const at = pathText(path) || 'body';
    if (value.includes('\0')) yield { path: at, message: 'must not contain the NUL character' };
    else if (!value.isWellFormed()) yield { path: at, message: 'must be valid Unicode text' };
  } else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* unstorableTexts(element, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (name.includes('\0') || !name.isWellFormed()) {
        yield { path: pathText(path) || 'body', message: 'has a member whose name is not valid text' };
      }
      yield* unstorableTexts(member, [...path, name]);
    }
  }
}

/** Walks over a text that JSON.parse has accepted, so that every token can be taken for what it looks like. */
function checkMembers(text: string): void {
  // One entry for each open object or array: the names seen so far, or null in an array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') open.push(char === '{' ? new Set() : null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') at = checkString(text, at, open.at(-1));
    if (open.length > MAX_DEPTH) throw bad(`request body is nested more than ${MAX_DEPTH} levels deep`);
  }
}

/** Returns the position of the closing quote; a string with a colon behind it is a member's name. */
function checkString(text: string, start: number, names: Set<string> | null | undefined): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  if (!names || !isName(text, end)) return end;
  const name = JSON.parse(text.slice(start, end + 1)) as string;
  if (names.has(name)) throw bad(`request body has the member ${JSON.stringify(name)} twice`);
  // Assigning it would change an object's prototype instead of a member.
  if (name === '__proto__') throw bad('request body has a member named "__proto__"');
  names.add(name);
  return end;
}

function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (text.charCodeAt(next) <= 32) next++;
  return text[next] === ':';
}

function bad(message: string): AppError {
  return new AppError('BadRequest', { message });
}
