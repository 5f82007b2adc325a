import { isUtf16, startOfContent } from './content-start.js';
import { invalidAt } from './invalid-at.js';
import { CLOSE_OBJECT, OPEN_ARRAY, OPEN_OBJECT, QUOTE, skipBlanks } from './json-characters.js';
import { cutOff, noRecordsYet, otherShape, tooDeep, utf16 } from './json-errors.js';
import { INCOMPLETE, type JsonScanner, TOO_DEEP } from './json-scanner.js';
import type { TextWindow } from './text-window.js';

/** How the records of a file are laid out. */
export type Shape = 'array' | 'wrapped array' | 'objects' | 'lines';

/** Text in which the first object of a file has to end so that it and what follows it tell the shape for certain. */
const LOOK_AHEAD_BYTES = 1024 * 1024;

export interface ShapeQuestion {
  readonly scanner: JsonScanner;
  /** Names of the properties that are to be read; null where they are to be found out. */
  readonly names: readonly string[] | null;
}

/**
 * Finds out the shape from the content, and moves the window to where the first record may begin.
 * An empty file has no records, which is all that there is to say where the properties are known.
 * @throws AppError InvalidFile, NoColumnsFound of an empty file whose properties are to be found out
 */
export async function findShape(window: TextWindow, question: ShapeQuestion): Promise<Shape> {
  await startOfContent(window);
  const { text, at } = window;
  if (isUtf16(text)) throw utf16();
  if (at === text.length) {
    if (question.names === null) throw noRecordsYet('the file is empty: it');
    return 'objects';
  }
  const first = text.charCodeAt(at);
  if (first === OPEN_ARRAY) {
    window.at++;
    return 'array';
  }
  if (first !== OPEN_OBJECT) throw notContainer(window, question.scanner);
  return await objectShape(window, question);
}

/** A value of another kind, or no JSON at all. */
function notContainer(window: TextWindow, scanner: JsonScanner): Error {
  const { text, at } = window;
  const end = scanner.endOfValue(text, at, text.length);
  const isCut = end === INCOMPLETE && window.isLast && text.charCodeAt(at) === QUOTE;
  if (isCut) return cutOff(window.placeOf(text.length));
  return end < 0 && end !== INCOMPLETE
    ? invalidAt(window, scanner.failedAt)
    : otherShape(window.placeOf(at), 'the file holds a single value that is neither an array nor an object');
}

/** The first object is the first record, or the one around the records. */
async function objectShape(window: TextWindow, question: ShapeQuestion): Promise<Shape> {
  const { scanner } = question;
  if (!window.isLast) await window.fill(LOOK_AHEAD_BYTES);
  const { text, at, isLast } = window;
  const end = scanner.endOfValue(text, at, text.length);
  if (end === INCOMPLETE && isLast) throw cutOff(window.placeOf(text.length));
  if (end === INCOMPLETE) return shapeOfLarge(window, scanner);
  if (end === TOO_DEEP) throw tooDeep(window.placeOf(scanner.failedAt));
  if (end < 0) throw invalidAt(window, scanner.failedAt);
  const next = skipBlanks(text, end, text.length);
  if (next === text.length) return shapeOfLone(window, end, question);
  const isLine = text.slice(end, next).includes('\n') && !text.slice(at, end).includes('\n');
  return isLine ? 'lines' : 'objects';
}

/** The first object goes on: its beginning has to tell. */
function shapeOfLarge(window: TextWindow, scanner: JsonScanner): Shape {
  const { text, at } = window;
  const start = startOfArray(text, at, scanner);
  const element = start === -1 ? -1 : skipBlanks(text, start, text.length);
  if (element !== -1 && element < text.length && text.charCodeAt(element) === OPEN_OBJECT) {
    window.at = start;
    return 'wrapped array';
  }
  return text.includes('\n', at) ? 'objects' : 'lines';
}

/** Nothing follows the object. */
function shapeOfLone(window: TextWindow, end: number, { scanner, names }: ShapeQuestion): Shape {
  const { text, at } = window;
  const members = Object.entries(JSON.parse(text.slice(at, end).toWellFormed()) as object);
  const [first] = members;
  if (first !== undefined && members.length === 1 && isRecords(first[1])) {
    window.at = startOfArray(text, at, scanner);
    return 'wrapped array';
  }
  if (isAroundRecords(members, names)) {
    throw otherShape(window.placeOf(at), 'the object around the records has more than one property');
  }
  return 'objects';
}

function isRecords(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && (value.length === 0 || isObject(value[0]));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record may have an array of objects too; but then it has properties that are wanted, or begins with others. */
function isAroundRecords(members: readonly [string, unknown][], names: readonly string[] | null): boolean {
  const holdsRecords = ([, value]: [string, unknown]) => isRecords(value) && value.length > 0;
  if (names === null) return members.slice(0, 1).some(holdsRecords);
  const wanted = new Set(names);
  return members.some(holdsRecords) && !members.some(([key]) => wanted.has(key));
}

/** Position after the bracket of the array that is the first member of an object; -1 where it is no array. */
function startOfArray(text: string, start: number, scanner: JsonScanner): number {
  const key = skipBlanks(text, start + 1, text.length);
  if (key === text.length || text.charCodeAt(key) === CLOSE_OBJECT) return -1;
  const endOfKey = scanner.endOfString(text, key, text.length);
  const value = endOfKey < 0 ? -1 : scanner.startOfValue(text, endOfKey, text.length);
  return value >= 0 && value < text.length && text.charCodeAt(value) === OPEN_ARRAY ? value + 1 : -1;
}
