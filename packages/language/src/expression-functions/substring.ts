import type { Reader } from '../mapping/compile-path.js';
import { plainTerm } from '../mapping/term.js';
import { ValueFailure } from '../values/value.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';
import { readInteger, readText } from './pass-argument.js';

/**
 * The characters of a text from a position, counted from 1, to its end or for a length. A start before the text is its start;
 * null if an argument is null.
 */
export const substring: FunctionRule = {
  cost: 4,
  keeps: 'all',
  arity: takes(2, 3, 'two or three arguments'),
  compile: (call) => {
    const text = readText(call, 0, (whole) => whole);
    const start = readInteger(call, 1);
    const read = call.args.length === 2 ? readTail(text, start) : readPiece(call, { text, start });
    return plainTerm(call, { kind: 'string' }, read);
  },
};

function readTail(readWhole: Reader, readStart: Reader): Reader {
  return (row) => {
    const text = readWhole(row);
    if (text instanceof ValueFailure) return text;
    const start = readStart(row);
    if (start instanceof ValueFailure) return start;
    if (typeof text !== 'string' || typeof start !== 'number') return null;
    return start <= 1 ? text : text.slice(skipCharacters(text, 0, start - 1));
  };
}

function readPiece(call: FunctionCall, readers: { readonly text: Reader; readonly start: Reader }): Reader {
  const readLength = readInteger(call, 2);
  const message = `substring: negative substring length is not allowed${call.suffix}`;
  const negative = new ValueFailure('Transformation', 'NegativeLength', message);
  return (row) => {
    const text = readers.text(row);
    if (text instanceof ValueFailure) return text;
    const start = readers.start(row);
    if (start instanceof ValueFailure) return start;
    const length = readLength(row);
    if (length instanceof ValueFailure) return length;
    if (typeof text !== 'string' || typeof start !== 'number' || typeof length !== 'number') return null;
    return length < 0 ? negative : pieceOf(text, start, length);
  };
}

function pieceOf(text: string, start: number, length: number): string {
  const from = start <= 1 ? 0 : skipCharacters(text, 0, start - 1);
  return text.slice(from, skipCharacters(text, from, length));
}

/** The offset after a number of characters, or the end of the text. */
function skipCharacters(text: string, offset: number, count: number): number {
  let index = offset;
  for (let rest = count; rest > 0 && index < text.length; rest--) {
    const isPair = isHighSurrogate(text.charCodeAt(index)) && isLowSurrogate(text.charCodeAt(index + 1));
    index += isPair ? 2 : 1;
  }
  return index;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
