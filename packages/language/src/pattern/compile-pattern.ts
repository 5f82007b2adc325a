import { parsePattern } from './parse-pattern.js';
import { PatternMatcher } from './pattern-matcher.js';
import { compileProgram } from './pattern-program.js';

export { PatternError } from './pattern-node.js';

/**
 * Compiles a regular expression of the RE2 syntax into a test for whether it matches anywhere in a text. The time of the test
 * is linear in the length of the text whatever the pattern, which the expressions of JavaScript cannot promise: patterns come
 * from users, and one that backtracks would hold up every run of the process. Throws {@link PatternError}.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const matcher = new PatternMatcher(compileProgram(parsePattern(pattern)));
  return (text) => matcher.matches(text);
}

/** Number of states of the automaton that a pattern is compiled to: at most so much work is done for a character of a text. */
export function patternSize(pattern: string): number {
  return compileProgram(parsePattern(pattern)).instructions.length;
}
