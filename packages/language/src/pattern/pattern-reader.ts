import { PatternError } from './pattern-node.js';

/** Flags that `(?i)` and its like set; each group has its own and starts with those around it. */
export interface PatternFlags {
  ignoreCase: boolean;
  multiLine: boolean;
  dotMatchesNewline: boolean;
}

/** Steps through the code points of a pattern. */
export class PatternReader {
  readonly #characters: readonly string[];
  #index = 0;

  constructor(source: string) {
    this.#characters = Array.from(source);
  }

  get isAtEnd(): boolean {
    return this.#index >= this.#characters.length;
  }

  /** The next character, '' at the end. */
  peek(): string {
    return this.#characters[this.#index] ?? '';
  }

  /** Takes the next character; the pattern must not have ended. */
  next(message = 'unexpected end of pattern'): string {
    const character = this.#characters[this.#index];
    if (character === undefined) throw new PatternError(message);
    this.#index++;
    return character;
  }

  /** Whether the rest starts with the text, which is then taken. */
  take(text: string): boolean {
    if (!this.#startsWith(text)) return false;
    this.#index += text.length;
    return true;
  }

  /** Takes what matches at the start of the rest; the expression must be anchored. Undefined when nothing does. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    const match = expression.exec(this.#characters.slice(this.#index, this.#index + 80).join(''));
    if (match === null) return undefined;
    this.#index += Array.from(match[0]).length;
    return match;
  }

  /** Takes everything up to a text, and the text; up to the end when it does not occur. */
  takeUntil(text: string): string {
    let taken = '';
    while (!this.isAtEnd && !this.#startsWith(text)) taken += this.next();
    this.take(text);
    return taken;
  }

  #startsWith(text: string): boolean {
    for (let offset = 0; offset < text.length; offset++) {
      if (this.#characters[this.#index + offset] !== text.charAt(offset)) return false;
    }
    return true;
  }
}
