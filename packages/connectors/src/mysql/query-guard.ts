/** How a session reads texts in quotes. */
export interface QuoteMode {
  /** Whether `"` stands around names. */
  readonly ansiQuotes: boolean;
  /** Whether a backslash in a text is a character like others. */
  readonly plainBackslashes: boolean;
}

/** A query as it can be sent, or why it cannot. */
export type Guarded = { readonly query: string } | { readonly problem: string };

const ONE_QUERY = 'the query must be one SELECT, VALUES, TABLE or WITH, with nothing after its semicolon';

/** Blanks and comments up to the end of a line as MySQL knows them: `--` begins one only before a blank or a control character. */
const BLANK = String.raw`[\x00-\x20]+|#[^\n]*|--(?![^\x00-\x20\x7f])[^\n]*`;
const EXECUTABLE = String.raw`/\*M?!`;
const OPENING = '/\\*|[\'"`]';
const WORD = String.raw`[\w$\u0080-\uffff]+`;
const TOKEN = new RegExp(
  [
    BLANK,
    `(?<executable>${EXECUTABLE})`,
    `(?<opening>${OPENING})`,
    String.raw`\\N`,
    `(?<word>${WORD})`,
    '(?<other>[^])',
  ].join('|'),
  'y',
);

/** Words that begin something else than reading, where they follow each other outside of quotes. */
const FORBIDDEN: readonly (readonly [words: readonly string[], problem: string])[] = [
  [['INTO'], 'INTO is not allowed: a query reads, and writes neither files nor variables; quote it if it is a name'],
  [['FOR', 'UPDATE'], 'FOR UPDATE is not allowed: it locks what it reads'],
  [['FOR', 'SHARE'], 'FOR SHARE is not allowed: it locks what it reads'],
  [['LOCK', 'IN', 'SHARE'], 'LOCK IN SHARE MODE is not allowed: it locks what it reads'],
  [['NEXT', 'VALUE', 'FOR'], 'NEXT VALUE is not allowed: it changes a sequence'],
  [['NEXTVAL', '('], 'NEXTVAL is not allowed: it changes a sequence'],
  [['SETVAL', '('], 'SETVAL is not allowed: it changes a sequence'],
];
const READING: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'TABLE', 'WITH']);

/** A number may end where a word begins: `1INTO` is two words to some, one to others. */
const AFTER_NUMBER = /^\d.*?(INTO|FOR|LOCK|NEXT|NEXTVAL|SETVAL)$/;

/** How much of what should have been a word an error shows. */
const SHOWN_CHARS = 40;

interface Token {
  readonly text: string;
  readonly index: number;
}

interface Place {
  readonly query: string;
  readonly from: number;
}

/**
 * Lets pass what only reads: the transaction is read-only, but that neither keeps MySQL from writing files and variables nor
 * from locking what it reads. Comments that MySQL executes are not allowed at all, because whether it does depends on its
 * version, and with that where texts in quotes begin. What follows a semicolon is cut off when it is blank.
 */
export function guardQuery(query: string, mode: QuoteMode): Guarded {
  if (query.includes('\0')) return { problem: 'the query has a NUL character' };
  const tokens = tokensOf(query, mode);
  if (tokens === null) return { problem: 'comments that are executed (/*! ... */) are not allowed in the query' };
  const semicolon = tokens.findIndex(({ text }) => text === ';');
  const end = semicolon === -1 ? tokens.length : semicolon;
  const words = tokens.slice(0, end).map(({ text }) => text);
  if (!tokens.slice(end).every(({ text }) => text === ';')) return { problem: ONE_QUERY };
  const first = words.find((word) => word !== '(') ?? '';
  if (!READING.has(first)) return { problem: `${ONE_QUERY}; it begins with "${first.slice(0, SHOWN_CHARS)}"` };
  const forbidden = FORBIDDEN.find(([sequence]) => contains(words, sequence));
  if (forbidden !== undefined) return { problem: forbidden[1] };
  return { query: query.slice(0, tokens[end]?.index ?? query.length) };
}

/** Words in capitals, other characters one by one; nothing of texts, names in quotes and comments. Null: see above. */
function tokensOf(query: string, mode: QuoteMode): Token[] | null {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let index = 0; index < query.length; index = pattern.lastIndex) {
    pattern.lastIndex = index;
    const { executable, opening, word, other } = pattern.exec(query)?.groups ?? {};
    if (executable !== undefined) return null;
    if (opening !== undefined) pattern.lastIndex = endOf(opening, { query, from: pattern.lastIndex }, mode);
    const text = word === undefined ? other : wordOf(word.toUpperCase());
    if (text !== undefined) tokens.push({ text, index });
  }
  return tokens;
}

function wordOf(word: string): string {
  return AFTER_NUMBER.exec(word)?.[1] ?? word;
}

/**
 * Where a comment, text or name ends whose content begins at a position; what is not closed goes on to the end. Patterns would
 * do, but they remember every character of it, and there is no room for many.
 */
function endOf(opening: string, { query, from }: Place, { ansiQuotes, plainBackslashes }: QuoteMode): number {
  const closing = opening === '/*' ? '*/' : opening;
  const hasEscapes = !plainBackslashes && (opening === "'" || (opening === '"' && !ansiQuotes));
  if (hasEscapes) return endOfEscaped(opening, query, from);
  const end = query.indexOf(closing, from);
  return end === -1 ? query.length : end + closing.length;
}

function endOfEscaped(quote: string, query: string, from: number): number {
  for (let at = from; at < query.length; at += 1) {
    const character = query[at];
    if (character === quote) return at + 1;
    if (character === '\\') at += 1;
  }
  return query.length;
}

function contains(words: readonly string[], sequence: readonly string[]): boolean {
  return words.some((_, index) => sequence.every((word, offset) => words[index + offset] === word));
}
