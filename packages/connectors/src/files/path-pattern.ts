import { AppError } from '@penstock/domain';

const MAX_STARS = 10;
const MAX_ALTERNATIVES = 20;

const SPECIAL = /[*?]|\[[^/\]]+\]|\{[^{}]*,[^{}]*\}/;
const BRACES = /\{([^{}]*,[^{}]*)\}/;
const TOKENS = /\*|\?|\[[^\]]+\]|./gsu;
const ACROSS = '**';

/** A pattern of paths, ready to be used. */
export interface PathPattern {
  /** The directory that all paths of the pattern are in, without a slash at its end; empty for the root. */
  readonly base: string;
  matches(path: string): boolean;
  /** Whether a path below this directory can match: the others need not be looked into. */
  mayContain(directory: string): boolean;
}

/** One character of a segment: itself, any (`?`), one of a class, or any number of any (`*`). */
type Token = string | typeof ANY | typeof STAR | CharacterClass;
const ANY = Symbol('?');
const STAR = Symbol('*');

interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [first: string, last: string])[];
}

/** A segment of a pattern: a name, `**`, or what names are compared with. */
type Segment = { readonly name: string } | typeof ACROSS | { readonly tokens: readonly Token[] };

/** Whether a path has wildcards. A brace or a bracket without its other half is a character as any other. */
export function isPattern(path: string): boolean {
  return SPECIAL.test(path);
}

/**
 * Makes a pattern: `*` any characters of one name, `**` between slashes any number of directories, `?` one character, `[a-z]` one
 * of some, `[!a-z]` one of the others, `{a,b}` one of the texts. Upper and lower case are different, and no wildcard stands for
 * the dot that a name begins with. There is no escape; `[*]` is the star itself.
 *
 * Not by a regular expression: those of four stars need half a minute for a long name. This is never more than the length of
 * the pattern times that of the path, for each alternative of the braces.
 * @throws AppError InvalidPath
 */
export function compilePattern(path: string): PathPattern {
  const stars = path.split(/\*+/).length - 1;
  if (stars > MAX_STARS) throw invalid(`has ${stars} times *: at most ${MAX_STARS} are allowed`);
  const patterns = expandBraces(path).map((alternative) => alternative.split('/').map(parseSegment));
  return {
    base: baseOf(path),
    matches: (candidate) => {
      const names = candidate.split('/');
      return patterns.some((segments) => matchPath(segments, names));
    },
    mayContain: (directory) => {
      const names = directory === '' ? [] : directory.split('/');
      return patterns.some((segments) => matchBeginning(segments, names));
    },
  };
}

function baseOf(path: string): string {
  const before = path.slice(0, Math.max(0, path.search(SPECIAL)));
  return before.slice(0, Math.max(0, before.lastIndexOf('/')));
}

/** The innermost braces first, so that braces may be in braces. */
function expandBraces(path: string): readonly string[] {
  const complete: string[] = [];
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = BRACES.exec(next);
    if (braces === null) complete.push(next);
    else {
      const [before, after] = [next.slice(0, braces.index), next.slice(braces.index + braces[0].length)];
      for (const text of (braces[1] ?? '').split(',')) open.push(before + text + after);
    }
    if (complete.length + open.length > MAX_ALTERNATIVES) {
      throw invalid(`stands for more than ${MAX_ALTERNATIVES} alternatives in braces`);
    }
  }
  return complete;
}

function parseSegment(text: string): Segment {
  if (text === ACROSS) return ACROSS;
  if (text.includes(ACROSS)) throw invalid('has ** in a name: it must stand alone between slashes');
  if (!isPattern(text)) return { name: text };
  return { tokens: (text.match(TOKENS) ?? []).map(parseToken) };
}

function parseToken(text: string): Token {
  if (text === '*') return STAR;
  if (text === '?') return ANY;
  return text.length > 2 && text.startsWith('[') ? parseClass(text.slice(1, -1)) : text;
}

function parseClass(inner: string): Token {
  const negated = inner.length > 1 && /^[!^]/.test(inner);
  const ranges: (readonly [string, string])[] = [];
  for (const [range] of (negated ? inner.slice(1) : inner).matchAll(/.-.|./gsu)) {
    const [first = '', , last = first] = [...range];
    ranges.push([first, last]);
  }
  return { negated, ranges };
}

/** A wildcard that fails is tried again one name later: only the last `**` has to be, so the work does not multiply. */
function matchPath(segments: readonly Segment[], names: readonly string[]): boolean {
  let [at, name] = [0, 0];
  let [retryAt, retryName] = [-1, 0];
  while (name < names.length) {
    const segment = segments[at];
    const text = names[name] ?? '';
    if (segment === ACROSS) {
      // At the end it stands for the file as well.
      if (at === segments.length - 1) return names.slice(name).every(isPlainName);
      at += 1;
      [retryAt, retryName] = [at, name];
    } else if (segment !== undefined && matchSegment(segment, text)) {
      at += 1;
      name += 1;
    } else if (retryAt !== -1 && isPlainName(names[retryName] ?? '')) {
      retryName += 1;
      [at, name] = [retryAt, retryName];
    } else return false;
  }
  return at === segments.length;
}

function matchBeginning(segments: readonly Segment[], directories: readonly string[]): boolean {
  for (const [index, name] of directories.entries()) {
    const segment = segments[index];
    if (segment === ACROSS) return true;
    // The last segment is the file's.
    if (segment === undefined || index === segments.length - 1 || !matchSegment(segment, name)) return false;
  }
  return true;
}

function matchSegment(segment: Exclude<Segment, typeof ACROSS>, name: string): boolean {
  if ('name' in segment) return segment.name === name;
  if (name === '' || (name.startsWith('.') && segment.tokens[0] !== '.')) return false;
  return matchTokens(segment.tokens, [...name]);
}

/** As {@link matchPath}, with `*`. */
function matchTokens(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [at, character] = [0, 0];
  let [retryAt, retryCharacter] = [-1, 0];
  while (character < characters.length) {
    const token = tokens[at];
    if (token === STAR) {
      at += 1;
      [retryAt, retryCharacter] = [at, character];
    } else if (token !== undefined && matchToken(token, characters[character] ?? '')) {
      at += 1;
      character += 1;
    } else if (retryAt !== -1) {
      retryCharacter += 1;
      [at, character] = [retryAt, retryCharacter];
    } else return false;
  }
  while (tokens[at] === STAR) at += 1;
  return at === tokens.length;
}

function matchToken(token: Exclude<Token, typeof STAR>, character: string): boolean {
  if (typeof token === 'string') return token === character;
  if (token === ANY) return true;
  return token.negated !== token.ranges.some(([first, last]) => isBetween(character, first, last));
}

function isBetween(character: string, first: string, last: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= (first.codePointAt(0) ?? 0) && code <= (last.codePointAt(0) ?? 0);
}

/** Hidden names have to be named. */
function isPlainName(name: string): boolean {
  return name !== '' && !name.startsWith('.');
}

function invalid(what: string): AppError {
  return new AppError('InvalidPath', { message: `path ${what}` });
}
