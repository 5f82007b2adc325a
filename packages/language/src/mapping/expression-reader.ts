import { ExpressionError, type Span } from './expression-error.js';

const BLANKS = ' \t\n\r';

/** Steps through the text of an expression. */
export class ExpressionReader {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The next character, with both halves of a surrogate pair; '' at the end. */
  peek(): string {
    const codePoint = this.text.codePointAt(this.position);
    return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
  }

  /** Takes the next character; '' at the end. */
  next(): string {
    const character = this.peek();
    this.position += character.length;
    return character;
  }

  /** Takes a character if it is the next one. */
  take(character: string): boolean {
    const isNext = this.text.startsWith(character, this.position);
    if (isNext) this.position += character.length;
    return isNext;
  }

  /** Takes what a sticky expression matches here, '' when nothing. */
  takeMatch(expression: RegExp): string {
    expression.lastIndex = this.position;
    const match = expression.exec(this.text)?.[0] ?? '';
    this.position += match.length;
    return match;
  }

  /** Whether a sticky expression matches here. */
  sees(expression: RegExp): boolean {
    expression.lastIndex = this.position;
    return expression.test(this.text);
  }

  skipBlanks(): void {
    while (!this.isAtEnd && BLANKS.includes(this.text.charAt(this.position))) this.position++;
  }

  /** The text from a position to here. */
  since(start: number): string {
    return this.text.slice(start, this.position);
  }

  spanSince(start: number): Span {
    return { text: this.text, offset: start, length: this.position - start };
  }

  /** An error about what lies between a position and here; about the end of the text if that is where the reader is. */
  error(message: string, start = this.position): ExpressionError {
    return new ExpressionError(message, this.spanSince(start));
  }

  /** An error about the next character. */
  errorAhead(message: string): ExpressionError {
    return new ExpressionError(message, { text: this.text, offset: this.position, length: this.peek().length });
  }

  unexpected(): ExpressionError {
    return this.errorAhead(`unexpected character '${this.peek()}'`);
  }
}
