import { type Directive, literal } from './directive.js';
import { ABBREVIATIONS, DIRECTIVES, fractionOfSecond } from './directives.js';
import { TimeFormatError } from './time-format-error.js';

/** A pattern as its literals and directives in their order, and the letters of its directives. */
export interface TimePattern {
  readonly pieces: readonly Directive[];
  readonly letters: ReadonlySet<string>;
}

/** A directive by its letter, or characters that stand for themselves. */
type Token = { readonly letter: string } | { readonly characters: string };

const ZERO = '0';

/** Parses a strftime pattern. @throws TimeFormatError that names the directive. */
export function parseTimePattern(pattern: string): TimePattern {
  const tokens = tokensOf(pattern);
  const letters = new Set(tokens.flatMap((token) => ('letter' in token ? [token.letter] : [])));
  checkCombination(letters);
  return { pieces: tokens.map((token, index) => pieceOf(token, tokens[index + 1])), letters };
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const percent = pattern.indexOf('%', at);
    const end = percent === -1 ? pattern.length : percent;
    if (end > at) tokens.push({ characters: pattern.slice(at, end) });
    if (percent === -1) break;
    const letter = String.fromCodePoint(pattern.codePointAt(percent + 1) ?? 0);
    if (percent + 1 === pattern.length) throw new TimeFormatError('ends with "%": write "%%" for a percent sign');
    tokens.push(...directiveTokens(letter));
    at = percent + 1 + letter.length;
  }
  return tokens;
}

function directiveTokens(letter: string): Token[] {
  const abbreviated = ABBREVIATIONS.get(letter);
  if (abbreviated !== undefined) return tokensOf(abbreviated);
  if (letter === 'f' || DIRECTIVES.has(letter)) return [{ letter }];
  const known = [...DIRECTIVES.keys(), ...ABBREVIATIONS.keys(), 'f'].map((name) => `%${name}`).join(' ');
  throw new TimeFormatError(`has the directive "%${letter}", which is not supported; supported are ${known}`);
}

/** Refuses directives that could not be read without guessing. */
function checkCombination(letters: ReadonlySet<string>): void {
  if (letters.has('I') && !letters.has('p') && !letters.has('H')) {
    throw new TimeFormatError('has the directive "%I", which needs "%p" to tell morning from afternoon');
  }
  if (letters.has('p') && !letters.has('I') && !letters.has('H')) {
    throw new TimeFormatError('has the directive "%p", which needs "%I"');
  }
  const other = letters.has('s') ? [...letters].find((letter) => !'sfnt%'.includes(letter)) : undefined;
  if (other !== undefined) {
    throw new TimeFormatError(`has the directive "%${other}" beside "%s", which says the whole time already`);
  }
}

function pieceOf(token: Token, next: Token | undefined): Directive {
  if ('characters' in token) return literal(token.characters);
  if (token.letter === 'f') return fractionOfSecond(sortsBelowDigits(next) ? (digits) => digits || ZERO : nineDigits);
  const directive = DIRECTIVES.get(token.letter);
  if (directive === undefined)
    throw new TimeFormatError(`has the directive "%${token.letter}", which is not supported`);
  return directive;
}

/**
 * A source may write the fraction with any number of digits, and its texts are compared with ours. Ours must not be greater
 * than another text of the same time, so it is the shortest where what follows sorts below digits, else the longest.
 */
function sortsBelowDigits(next: Token | undefined): boolean {
  if (next === undefined) return true;
  if ('letter' in next) return next.letter === 'z' || next.letter === 'n' || next.letter === 't' || next.letter === '%';
  return next.characters < ZERO;
}

function nineDigits(digits: string): string {
  return digits.padEnd(9, ZERO);
}
