import { type Expression, ExpressionError, type Item } from './expression.js';
import { ExpressionReader } from './expression-reader.js';
import { parseNumber, parseText, WORD_LITERALS } from './parse-literal.js';
import { IDENTIFIER, parsePathSteps } from './parse-path.js';

/** The functions of the language. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'and',
  'array',
  'coalesce',
  'eq',
  'if',
  'initcap',
  'json_parse',
  'len',
  'lower',
  'ltrim',
  'map',
  'ne',
  'not',
  'or',
  'rtrim',
  'substring',
  'trim',
  'upper',
]);

const MAX_NESTING = 100;
const NUMBER_START = /[0-9-]|\.[0-9]/y;
const CALL_START = /[ \t\n\r]*\(/y;

/**
 * Parses a mapping expression: texts in quotes, numbers, `true`, `false`, `null`, property paths and function calls, of which
 * several in a row are a concatenation. There are no operators. Throws {@link ExpressionError}.
 */
export function parseExpression(text: string): Expression {
  const reader = new ExpressionReader(text);
  const expression = parseItems(reader, 0);
  if (!reader.isAtEnd) throw reader.unexpected();
  if (expression.items.length === 0) throw new ExpressionError('expression is empty');
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
  return { source: reader.since(start).trimEnd(), items };
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
  if (name === '') throw new ExpressionError('unexpected period');
  const word = isPath ? undefined : WORD_LITERALS.get(name);
  if (word !== undefined) return word;
  if (!isPath && reader.sees(CALL_START)) return parseCall(reader, name, depth);
  const steps = parsePathSteps(reader, name);
  return { op: 'path', source: reader.since(start), steps };
}

function parseCall(reader: ExpressionReader, name: string, depth: number): Item {
  if (!FUNCTIONS.has(name)) throw new ExpressionError(`function "${name}" does not exist`);
  if (depth >= MAX_NESTING) throw new ExpressionError(`functions are nested more than ${MAX_NESTING} levels deep`);
  const start = reader.position - name.length;
  reader.takeMatch(CALL_START);
  const args = parseArguments(reader, depth + 1);
  return { op: 'call', source: reader.since(start), name, args };
}

function parseArguments(reader: ExpressionReader, depth: number): readonly Expression[] {
  const args: Expression[] = [];
  reader.skipBlanks();
  if (reader.take(')')) return args;
  do {
    args.push(parseArgument(reader, depth));
  } while (reader.take(','));
  if (reader.take(')')) return args;
  throw reader.isAtEnd ? new ExpressionError('arguments are not terminated') : reader.unexpected();
}

function parseArgument(reader: ExpressionReader, depth: number): Expression {
  reader.skipBlanks();
  if (reader.isAtEnd) throw new ExpressionError('arguments are not terminated');
  const character = reader.peek();
  const startsItem = reader.sees(NUMBER_START) || reader.sees(IDENTIFIER) || `.'"`.includes(character);
  if (!startsItem) throw new ExpressionError(`expected argument, got '${character}'`);
  return parseItems(reader, depth);
}
