import type { Found, Framing, RecordPlace } from './framing.js';
import { OPEN_OBJECT, skipBlanks } from './json-characters.js';
import type { TextWindow } from './text-window.js';

/** JSON Lines: what is wrong in a line is over with its end. */
export class LineFraming implements Framing {
  end = 0;
  /** The line has its end. */
  isWhole = false;
  readonly #window: TextWindow;
  #line: number;

  constructor(window: TextWindow) {
    this.#window = window;
    this.#line = window.placeOf(window.at).line - 1;
  }

  find(): Found {
    const window = this.#window;
    const { text } = window;
    for (;;) {
      // After a record a line may have another one.
      window.at = skipBlanks(text, window.at, this.end);
      if (window.at < this.end) return 'record';
      if (!this.#startLine()) return window.isLast ? 'end' : 'more';
    }
  }

  passTo(position: number): boolean {
    const { text } = this.#window;
    const next = skipBlanks(text, position, this.end);
    const isBad = next < this.end && text.charCodeAt(next) !== OPEN_OBJECT;
    this.#window.at = isBad ? this.end : next;
    return !isBad;
  }

  skip(): boolean {
    this.#window.at = this.end;
    return true;
  }

  place(): RecordPlace {
    return { line: this.#line };
  }

  #startLine(): boolean {
    const { text, at, isLast } = this.#window;
    const lineBreak = text.indexOf('\n', at);
    this.isWhole = lineBreak !== -1;
    // Positions change with what arrives.
    this.end = 0;
    if (at === text.length || (!this.isWhole && !isLast)) return false;
    this.#line++;
    this.end = this.isWhole ? lineBreak + 1 : text.length;
    return true;
  }
}
