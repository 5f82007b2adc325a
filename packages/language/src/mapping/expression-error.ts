import { codePointLength } from '../values/text-length.js';
import { excerptOf } from './source-excerpt.js';

/** A piece of the text of an expression. Offset and length count UTF-16 units, as the strings of an editor do. */
export interface Span {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
}

/** Where in an expression something is. Lines and columns start at 1; columns count code points. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly length: number;
  /** The line, or what of it is around the place, and below it carets under the place. */
  readonly excerpt: string;
}

/**
 * An expression is not valid, by its syntax or for its schemas. Its place is worked out when it is asked for: of very many errors
 * only some are shown.
 */
export class ExpressionError extends Error implements SourcePosition {
  readonly offset: number;
  readonly length: number;
  readonly #text: string;

  constructor(message: string, span: Span) {
    super(message);
    this.name = 'ExpressionError';
    this.offset = span.offset;
    this.length = span.length;
    this.#text = span.text;
  }

  get line(): number {
    return this.#text.slice(0, this.offset).split('\n').length;
  }

  get column(): number {
    return codePointLength(this.#text.slice(this.#lineStart, this.offset)) + 1;
  }

  get excerpt(): string {
    return excerptOf({ text: this.#text, offset: this.offset, length: this.length }, this.#lineStart);
  }

  /** The position alone. */
  get position(): SourcePosition {
    const { line, column, offset, length, excerpt } = this;
    return { line, column, offset, length, excerpt };
  }

  get #lineStart(): number {
    return this.#text.lastIndexOf('\n', this.offset - 1) + 1;
  }
}
