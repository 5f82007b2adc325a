import { AppError } from '@penstock/domain';
import { PatternAutomaton } from './pattern-automaton.js';
import { commonEnds, expandBraces, findBraces, parsePath } from './pattern-syntax.js';

const MAX_STARS = 10;

/** Characters of the alternatives of a pattern, all together. The work for a name grows with them. */
const MAX_PATTERN_CHARACTERS = 8_192;

/** No storage has longer paths that it also opens, but servers can send what they want. */
const MAX_NAME_CHARACTERS = 1_024;

/** A pattern of paths, ready to be used. */
export interface PathPattern {
  /** The directory that all paths of the pattern are in, without a slash at its end; empty for the root. */
  readonly base: string;
  /** What its questions have cost so far, in steps of a few nanoseconds: who asks many gives way to others after some. */
  readonly work: number;
  /** Whether a path is one of the pattern. None is that is longer than 1,024 characters. */
  matches(path: string): boolean;
  /** Whether a path below this directory can match: the others need not be looked into. */
  mayContain(directory: string): boolean;
}

/** Whether a path has wildcards. A brace or a bracket without its other half is a character as any other. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path) || findBraces(path) !== null || path.split('/').some(hasClass);
}

/** Why a path is no valid pattern, as a sentence that begins with "path"; undefined when it is one, or has no wildcards. */
export function patternProblem(path: string): string | undefined {
  if (!isPattern(path)) return undefined;
  try {
    compilePattern(path);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/**
 * What to add to the message that there is no file, when a brace or a bracket is not closed: whoever wrote it probably meant a
 * pattern. Empty when all are closed.
 */
export function unclosedHint(path: string): string {
  const withoutClasses = path.replaceAll(/\[[^[\]/]*\]/g, '');
  const bracket = withoutClasses.split('/').some((name) => name.lastIndexOf('[') > name.lastIndexOf(']'));
  if (!bracket && !hasOpenBrace(withoutClasses)) return '';
  return `: a ${bracket ? 'bracket [' : 'brace {'} in it is not closed, so it is taken as a character of the name and not as part of a pattern`;
}

/**
 * Makes a pattern: `*` any characters of one name, `**` between slashes any number of directories, `?` one character, `[a-z]` one
 * of some, `[!a-z]` one of the others, `{a,b}` one of the texts. Upper and lower case are different, and no wildcard stands for
 * the dot that a name begins with. There is no escape; `[*]` is the star itself.
 *
 * Not by a regular expression: those of four stars need half a minute for a long name. The work for a path is never more than its
 * length times that of the alternatives of the pattern, 32 characters of which are one step.
 * @throws AppError InvalidPath
 */
export function compilePattern(path: string): PathPattern {
  checkLength(path.length);
  const stars = path.split(/\*+/).length - 1;
  if (stars > MAX_STARS) throw invalid(`has ${stars} times *: at most ${MAX_STARS} are allowed`);
  const alternatives = expandBraces(path);
  checkLength(alternatives.reduce((sum, { length }) => sum + length, 0));
  const programs = alternatives.map(parsePath);
  return new CompiledPattern(new PatternAutomaton(programs), commonEnds(programs));
}

class CompiledPattern implements PathPattern {
  readonly base: string;
  readonly #automaton: PatternAutomaton;
  readonly #beginning: string;
  readonly #end: string;
  #questions = 0;

  constructor(automaton: PatternAutomaton, [beginning, end]: readonly [string, string]) {
    this.#automaton = automaton;
    this.#beginning = beginning;
    this.#end = end;
    this.base = beginning.slice(0, Math.max(0, beginning.lastIndexOf('/')));
  }

  get work(): number {
    return this.#questions + this.#automaton.steps;
  }

  matches(path: string): boolean {
    this.#questions += 1;
    if (path.length > MAX_NAME_CHARACTERS) return false;
    if (!path.startsWith(this.#beginning) || !path.endsWith(this.#end)) return false;
    return this.#automaton.accepts(path);
  }

  mayContain(directory: string): boolean {
    this.#questions += 1;
    if (directory.length > MAX_NAME_CHARACTERS) return false;
    return directory === '' || this.#automaton.canFollow(`${directory}/`);
  }
}

function checkLength(characters: number): void {
  if (characters <= MAX_PATTERN_CHARACTERS) return;
  throw invalid(
    `has more than ${MAX_PATTERN_CHARACTERS} characters, each alternative in braces written out: make it shorter`,
  );
}

/** Whether a name has a bracket with something in it that is closed. */
function hasClass(name: string): boolean {
  return name
    .split(']')
    .slice(0, -1)
    .some((text) => text.includes('[') && text.indexOf('[') < text.length - 1);
}

function hasOpenBrace(path: string): boolean {
  let depth = 0;
  for (const character of path) {
    if (character === '{') depth += 1;
    else if (character === '}') depth = Math.max(0, depth - 1);
  }
  return depth > 0;
}

function invalid(what: string): AppError {
  return new AppError('InvalidPath', { message: `path ${what}` });
}
