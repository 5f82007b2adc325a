import { ExpressionError } from './expression.js';

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

  unexpected(): ExpressionError {
    return new ExpressionError(`unexpected character '${this.peek()}'`);
  }
}
