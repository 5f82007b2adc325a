/**
 * Reads raw JSON text without losing the digits of its numbers, as JSON.parse would. The text is known to be valid JSON, so
 * only as much of it is looked at as is needed to find where values begin and end.
 */

export type JsonKind = 'null' | 'true' | 'false' | 'string' | 'number' | 'object' | 'array';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;

/** The kind of the value that a JSON text holds. */
export function jsonKind(json: string): JsonKind {
  switch (json.charCodeAt(skipBlanks(json, 0))) {
    case 0x6e:
      return 'null';
    case 0x74:
      return 'true';
    case 0x66:
      return 'false';
    case QUOTE:
      return 'string';
    case 0x7b:
      return 'object';
    case 0x5b:
      return 'array';
    default:
      return 'number';
  }
}

/** The text of a JSON string; most have no escapes and are only cut out. */
export function jsonString(json: string): string {
  if (json.includes('\\')) return String(JSON.parse(json));
  // Nearly always there are no blanks around it.
  if (json.charCodeAt(0) === QUOTE && json.charCodeAt(json.length - 1) === QUOTE) return json.slice(1, -1);
  return json.slice(json.indexOf('"') + 1, json.lastIndexOf('"'));
}

/** Whether the text of a JSON string has half of a surrogate pair, which only an escape can write there. */
export function isBrokenString(json: string, text: string): boolean {
  // A text that is as long as what stands between the quotes has no escapes.
  return text.length < json.length - 2 && json.includes('\\') && !text.isWellFormed();
}

/** The digits of a JSON number as they are written. */
export function jsonNumber(json: string): string {
  return json.trim();
}

/** The raw texts of the elements of a JSON array. */
export function jsonElements(json: string): string[] {
  const elements: string[] = [];
  let index = skipBlanks(json, skipBlanks(json, 0) + 1);
  while (index < json.length && !isClosing(json.charCodeAt(index))) {
    const end = endOfValue(json, index);
    elements.push(json.slice(index, end));
    index = skipSeparator(json, end);
  }
  return elements;
}

/** The members of a JSON object as their raw texts by key. */
export function jsonMembers(json: string): Map<string, string> {
  const members = new Map<string, string>();
  scanMembers(json, (key, start, end) => members.set(key, json.slice(start, end)));
  return members;
}

/** The raw text of one member of a JSON object; undefined when it has no such key. The last of several wins. */
export function jsonMember(json: string, key: string): string | undefined {
  let member: string | undefined;
  scanMembers(json, (name, start, end) => {
    if (name === key) member = json.slice(start, end);
  });
  return member;
}

function scanMembers(json: string, visit: (key: string, start: number, end: number) => void): void {
  let index = skipBlanks(json, skipBlanks(json, 0) + 1);
  while (json.charCodeAt(index) === QUOTE) {
    const endOfKey = endOfString(json, index);
    const key = keyText(json.slice(index + 1, endOfKey - 1));
    const start = skipSeparator(json, endOfKey);
    const end = endOfValue(json, start);
    visit(key, start, end);
    index = skipSeparator(json, end);
  }
}

function keyText(raw: string): string {
  return raw.includes('\\') ? jsonString(`"${raw}"`) : raw;
}

function endOfValue(json: string, start: number): number {
  const first = json.charCodeAt(start);
  if (first === QUOTE) return endOfString(json, start);
  if (isOpening(first)) return endOfNesting(json, start);
  let end = start;
  while (end < json.length && !endsScalar(json.charCodeAt(end))) end++;
  return end;
}

function endOfNesting(json: string, start: number): number {
  let depth = 0;
  let index = start;
  while (index < json.length) {
    const unit = json.charCodeAt(index);
    if (unit === QUOTE) {
      index = endOfString(json, index);
      continue;
    }
    index++;
    if (isOpening(unit)) depth++;
    else if (isClosing(unit) && --depth === 0) return index;
  }
  return index;
}

function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote === -1 ? json.length : quote + 1;
}

function isEscaped(json: string, index: number): boolean {
  let start = index;
  while (json.charCodeAt(start - 1) === BACKSLASH) start--;
  return (index - start) % 2 === 1;
}

function skipBlanks(json: string, start: number): number {
  let index = start;
  while (isBlank(json.charCodeAt(index))) index++;
  return index;
}

function skipSeparator(json: string, start: number): number {
  const index = skipBlanks(json, start);
  const unit = json.charCodeAt(index);
  return unit === COMMA || unit === COLON ? skipBlanks(json, index + 1) : index;
}

function endsScalar(unit: number): boolean {
  return unit === COMMA || isClosing(unit) || isBlank(unit);
}

function isOpening(unit: number): boolean {
  return unit === 0x7b || unit === 0x5b;
}

function isClosing(unit: number): boolean {
  return unit === 0x7d || unit === 0x5d;
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 10 || unit === 13;
}
