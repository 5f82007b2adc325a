import { AppError } from '@penstock/domain';

const MAX_ALTERNATIVES = 20;
const ACROSS = '**';

/** Characters of a class, as numbers. */
export interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/**
 * What one place of a pattern stands for: a character (its number), any one (`?`), one of a class, any number of any (`*`), any
 * number of directories with the slashes behind them, or all the rest of a path. Only the last two stand for slashes.
 */
export type Token = number | 'any' | 'star' | 'directories' | 'rest' | CharacterClass;

/** The first braces that have no braces in them, but a comma: where they are, and their texts. */
export function findBraces(path: string): { start: number; end: number; texts: readonly string[] } | null {
  let from = 0;
  for (let close = path.indexOf('}'); close !== -1; close = path.indexOf('}', from)) {
    const text = path.slice(from, close);
    const open = text.lastIndexOf('{');
    if (open !== -1 && text.includes(',', open)) {
      return { start: from + open, end: close + 1, texts: text.slice(open + 1).split(',') };
    }
    from = close + 1;
  }
  return null;
}

/** All texts that a pattern with braces stands for. The innermost first, so that braces may be in braces. @throws AppError InvalidPath */
export function expandBraces(path: string): readonly string[] {
  const complete: string[] = [];
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = findBraces(next);
    const count = complete.length + open.length + (braces?.texts.length ?? 1);
    if (count > MAX_ALTERNATIVES) throw invalid(`stands for more than ${MAX_ALTERNATIVES} alternatives in braces`);
    if (braces === null) complete.push(next);
    else {
      const [before, after] = [next.slice(0, braces.start), next.slice(braces.end)];
      for (const text of braces.texts) open.push(before + text + after);
    }
  }
  return complete;
}

/** The tokens of a pattern without braces. @throws AppError InvalidPath */
export function parsePath(path: string): readonly Token[] {
  const names = path.split('/');
  return names.flatMap((name, index) => {
    const last = index === names.length - 1;
    // At the end it stands for the file as well, which has at least one character.
    if (name === ACROSS) return last ? ['any', 'rest'] : ['directories'];
    return last ? parseName(name) : [...parseName(name), SLASH];
  });
}

export const SLASH = 0x2f;

function parseName(name: string): readonly Token[] {
  if (name.includes(ACROSS)) throw invalid('has ** in a name: it must stand alone between slashes');
  // No name is empty.
  if (name === '*') return ['any', 'star'];
  const tokens: Token[] = [];
  for (let at = 0; at < name.length; ) {
    const close = name[at] === '[' ? name.indexOf(']', at + 1) : -1;
    const end = close > at + 1 ? close + 1 : at + ((name.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    tokens.push(parseToken(name.slice(at, end)));
    at = end;
  }
  return tokens;
}

function parseToken(text: string): Token {
  if (text === '*') return 'star';
  if (text === '?') return 'any';
  return text.length > 2 ? parseClass(text.slice(1, -1)) : numberOf(text);
}

function parseClass(inner: string): CharacterClass {
  const negated = inner.length > 1 && /^[!^]/.test(inner);
  const ranges: (readonly [number, number])[] = [];
  for (const [range] of (negated ? inner.slice(1) : inner).matchAll(/.-.|./gsu)) {
    const [first = '', , last = first] = [...range];
    ranges.push([numberOf(first), numberOf(last)]);
  }
  return { negated, ranges };
}

/** What all paths of a pattern begin with, and what they end with. */
export function commonEnds(alternatives: readonly (readonly Token[])[]): readonly [string, string] {
  const beginning = alternatives.map((tokens) => literalBeginning(tokens)).reduce(commonBeginning);
  const end = alternatives.map((tokens) => literalBeginning(tokens.toReversed())).reduce(commonBeginning);
  return [String.fromCodePoint(...beginning), String.fromCodePoint(...end.toReversed())];
}

function literalBeginning(tokens: readonly Token[]): readonly number[] {
  const end = tokens.findIndex((token) => typeof token !== 'number');
  return tokens.slice(0, end === -1 ? tokens.length : end).filter((token) => typeof token === 'number');
}

function commonBeginning(one: readonly number[], other: readonly number[]): readonly number[] {
  const end = one.findIndex((character, index) => character !== other[index]);
  return end === -1 ? one : one.slice(0, end);
}

function numberOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function invalid(what: string): AppError {
  return new AppError('InvalidPath', { message: `path ${what}` });
}
