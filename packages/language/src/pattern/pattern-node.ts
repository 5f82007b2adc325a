/** Tells whether a code point belongs to a set. */
export type CharTest = (codePoint: number) => boolean;

/** Conditions on a position between two characters. */
export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'notWordBoundary';

/** The syntax tree of a pattern. Groups capture nothing and greediness is ignored: only whether it matches is asked. */
export type PatternNode =
  | { readonly op: 'empty' }
  | { readonly op: 'char'; readonly test: CharTest }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly op: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly op: 'repeat'; readonly node: PatternNode; readonly minimum: number; readonly maximum: number };

/** The text of a pattern is not valid. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatternError';
  }
}
