import { isFunctionName } from '../expression-functions/function-table.js';
import { exceedsCodePoints } from '../values/text-length.js';
import type { Expression, Item } from './expression.js';
import { ExpressionReader } from './expression-reader.js';
import { parseNumber, parseText, WORD_LITERALS } from './parse-literal.js';
import { IDENTIFIER, parsePathSteps } from './parse-path.js';

/** Code points of an expression. Whatever is within this compiles in milliseconds. */
const MAX_LENGTH = 10_000;

const MAX_NESTING = 100;
const NUMBER_START = /[0-9-]|\.[0-9]/y;
const CALL_START = /[ \t\n\r]*\(/y;

/**
 * Parses a mapping expression: texts in quotes, numbers, `true`, `false`, `null`, property paths and function calls, of which
 * several in a row are a concatenation. There are no operators. Throws an ExpressionError.
 */
export function parseExpression(text: string): Expression {
  const reader = new ExpressionReader(text);
  if (exceedsCodePoints(text, MAX_LENGTH)) throw reader.error(`expression is longer than ${MAX_LENGTH} characters`);
  const expression = parseItems(reader, 0);
  if (!reader.isAtEnd) throw reader.unexpected();
  if (expression.items.length === 0) throw reader.error('expression is empty');
  return expression;
}

/** Parses items up to the end of the expression or of the argument that it is. */
function parseItems(reader: ExpressionReader, depth: number): Expression {
  reader.skipBlanks();
  const start = reader.position;
  const items: Item[] = [];
  while (!reader.isAtEnd && !isDelimiter(reader.peek())) {
    items.push(parseItem(reader, depth));
    reader.skipBlanks();
  }
  const source = reader.since(start).trimEnd();
  return { source, span: { text: reader.text, offset: start, length: source.length }, items };
}

function isDelimiter(character: string): boolean {
  return character === ',' || character === ')';
}

function parseItem(reader: ExpressionReader, depth: number): Item {
  const character = reader.peek();
  if (character === '"' || character === "'") return parseText(reader);
  if (reader.sees(NUMBER_START)) return parseNumber(reader);
  if (character === '.' || reader.sees(IDENTIFIER)) return parseNamed(reader, depth);
  throw reader.unexpected();
}

/** Parses what starts with a name: a word that is a literal, a call, a path. A leading point makes it a path in any case. */
function parseNamed(reader: ExpressionReader, depth: number): Item {
  const start = reader.position;
  const isPath = reader.take('.');
  const name = reader.takeMatch(IDENTIFIER);
  if (name === '') throw reader.error('unexpected period', start);
  const word = isPath ? undefined : WORD_LITERALS.get(name);
  if (word !== undefined) return { op: 'literal', ...word, span: reader.spanSince(start) };
  if (!isPath && reader.sees(CALL_START)) return parseCall(reader, name, depth);
  const steps = parsePathSteps(reader, name, reader.position - name.length);
  return { op: 'path', source: reader.since(start), span: reader.spanSince(start), steps };
}

function parseCall(reader: ExpressionReader, name: string, depth: number): Item {
  const start = reader.position - name.length;
  const nameSpan = reader.spanSince(start);
  if (!isFunctionName(name)) throw reader.error(`function "${name}" does not exist`, start);
  if (depth >= MAX_NESTING) throw reader.error(`functions are nested more than ${MAX_NESTING} levels deep`, start);
  reader.takeMatch(CALL_START);
  const args = parseArguments(reader, depth + 1);
  return { op: 'call', source: reader.since(start), span: reader.spanSince(start), name, nameSpan, args };
}

function parseArguments(reader: ExpressionReader, depth: number): readonly Expression[] {
  const args: Expression[] = [];
  reader.skipBlanks();
  if (reader.take(')')) return args;
  do {
    args.push(parseArgument(reader, depth));
  } while (reader.take(','));
  if (reader.take(')')) return args;
  throw reader.isAtEnd ? reader.error('arguments are not terminated') : reader.unexpected();
}

function parseArgument(reader: ExpressionReader, depth: number): Expression {
  reader.skipBlanks();
  if (reader.isAtEnd) throw reader.error('arguments are not terminated');
  const character = reader.peek();
  const startsItem = reader.sees(NUMBER_START) || reader.sees(IDENTIFIER) || `.'"`.includes(character);
  if (!startsItem) throw reader.errorAhead(`expected argument, got '${character}'`);
  return parseItems(reader, depth);
}
