import { charText, classTest, readCharEscape, readClass, readSetEscape } from './char-class.js';
import { type Assertion, type CharTest, PatternError, type PatternNode } from './pattern-node.js';
import { type PatternFlags, PatternReader } from './pattern-reader.js';

const MAX_NESTING = 500;
const MAX_REPEAT = 1000;
const NEWLINE = 10;

const ESCAPED_ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['A', 'textStart'],
  ['z', 'textEnd'],
  ['b', 'wordBoundary'],
  ['B', 'notWordBoundary'],
]);

/** Parses a pattern of the RE2 syntax. Throws {@link PatternError}, also for what that syntax leaves out: look-around, back references. */
export function parsePattern(source: string): PatternNode {
  const reader = new PatternReader(source);
  const flags: PatternFlags = { ignoreCase: false, multiLine: false, dotMatchesNewline: false };
  const node = parseChoice(reader, flags, 0);
  if (!reader.isAtEnd) throw new PatternError('unexpected )');
  return node;
}

function parseChoice(reader: PatternReader, flags: PatternFlags, depth: number): PatternNode {
  if (depth > MAX_NESTING) throw new PatternError('expression nests too deeply');
  const branches = [parseSequence(reader, flags, depth)];
  while (reader.take('|')) branches.push(parseSequence(reader, flags, depth));
  const [only] = branches;
  return branches.length === 1 && only !== undefined ? only : { op: 'choice', nodes: branches };
}

function parseSequence(reader: PatternReader, flags: PatternFlags, depth: number): PatternNode {
  const nodes: PatternNode[] = [];
  while (!reader.isAtEnd && reader.peek() !== '|' && reader.peek() !== ')') {
    const atoms = reader.take('\\Q') ? literalNodes(reader.takeUntil('\\E'), flags) : [parseAtom(reader, flags, depth)];
    const last = atoms.pop();
    nodes.push(...atoms);
    if (last !== undefined) nodes.push(parseRepeat(last, reader));
  }
  return { op: 'sequence', nodes };
}

function literalNodes(text: string, flags: PatternFlags): PatternNode[] {
  return Array.from(text, (character) => charNode(literalTest(character.codePointAt(0) ?? 0, flags)));
}

function parseRepeat(node: PatternNode, reader: PatternReader): PatternNode {
  const range = takeRepeat(reader);
  if (range === undefined) return node;
  if (node.op === 'empty') throw new PatternError('missing argument to repetition operator');
  if (takeRepeat(reader) !== undefined) throw new PatternError('invalid nested repetition operator');
  return { op: 'repeat', node, ...range };
}

function takeRepeat(reader: PatternReader): { minimum: number; maximum: number } | undefined {
  const match = reader.takeMatch(/^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/);
  if (match === undefined) return undefined;
  const [operator, low, comma, high] = match;
  if (low === undefined) {
    return { minimum: operator.startsWith('+') ? 1 : 0, maximum: operator.startsWith('?') ? 1 : Infinity };
  }
  const minimum = Number(low);
  const maximum = comma === '' ? minimum : high === '' ? Infinity : Number(high);
  const isTooLarge = minimum > MAX_REPEAT || (maximum > MAX_REPEAT && maximum !== Infinity);
  if (isTooLarge || maximum < minimum) throw new PatternError('invalid repeat count');
  return { minimum, maximum };
}

function parseAtom(reader: PatternReader, flags: PatternFlags, depth: number): PatternNode {
  const set = readSetEscape(reader);
  if (set !== undefined) return charNode(classTest(set, flags.ignoreCase));
  const character = reader.next();
  switch (character) {
    case '(':
      return parseGroup(reader, flags, depth);
    case '[':
      return charNode(classTest(readClass(reader), flags.ignoreCase));
    case '.':
      return charNode(flags.dotMatchesNewline ? () => true : (codePoint) => codePoint !== NEWLINE);
    case '^':
      return { op: 'assert', assertion: flags.multiLine ? 'lineStart' : 'textStart' };
    case '$':
      return { op: 'assert', assertion: flags.multiLine ? 'lineEnd' : 'textEnd' };
    case '*':
    case '+':
    case '?':
      throw new PatternError('missing argument to repetition operator');
    case '\\':
      return parseEscape(reader, flags);
    default:
      return charNode(literalTest(character.codePointAt(0) ?? 0, flags));
  }
}

function parseEscape(reader: PatternReader, flags: PatternFlags): PatternNode {
  const assertion = ESCAPED_ASSERTIONS.get(reader.peek());
  if (assertion === undefined) return charNode(literalTest(readCharEscape(reader), flags));
  reader.next();
  return { op: 'assert', assertion };
}

/** Parses what follows an opening parenthesis. A group that only sets flags changes those of the group around it. */
function parseGroup(reader: PatternReader, flags: PatternFlags, depth: number): PatternNode {
  const inner = { ...flags };
  if (reader.peek() === '?' && reader.takeMatch(/^\?(?:P?<\w+>|:)/) === undefined) {
    const match = reader.takeMatch(/^\?([imsU]*)(-[imsU]+)?([:)])/);
    if (match === undefined) throw new PatternError('invalid or unsupported Perl syntax');
    const [, on = '', off = '', end] = match;
    setFlags(end === ')' ? flags : inner, on, off);
    if (end === ')') return { op: 'empty' };
  }
  const node = parseChoice(reader, inner, depth + 1);
  if (!reader.take(')')) throw new PatternError('missing closing )');
  return node;
}

function setFlags(flags: PatternFlags, on: string, off: string): void {
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    if (letters.includes('i')) flags.ignoreCase = value;
    if (letters.includes('m')) flags.multiLine = value;
    if (letters.includes('s')) flags.dotMatchesNewline = value;
  }
}

function charNode(test: CharTest): PatternNode {
  return { op: 'char', test };
}

function literalTest(literal: number, flags: PatternFlags): CharTest {
  return flags.ignoreCase ? classTest(charText(literal), true) : (codePoint) => codePoint === literal;
}
