import type { Found, Framing, RecordPlace } from './framing.js';
import { invalidAt } from './invalid-at.js';
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, skipBlanks } from './json-characters.js';
import { cutOff, otherShape } from './json-errors.js';
import type { TextWindow } from './text-window.js';

/** The elements of an array, after its opening bracket; within an object with one property, or alone. */
export class ArrayFraming implements Framing {
  readonly isWhole = false;
  readonly #window: TextWindow;
  readonly #isWrapped: boolean;
  #passed = 0;
  #expects: 'first' | 'separator' | 'record' | 'brace' | 'nothing' = 'first';

  constructor(window: TextWindow, isWrapped: boolean) {
    this.#window = window;
    this.#isWrapped = isWrapped;
  }

  get end(): number {
    return this.#window.text.length;
  }

  find(): Found {
    const window = this.#window;
    for (;;) {
      window.at = skipBlanks(window.text, window.at, window.text.length);
      if (window.at === window.text.length) return this.#atEnd();
      const unit = window.text.charCodeAt(window.at);
      if (this.#startsRecord(unit)) return 'record';
      this.#pass(unit);
    }
  }

  passTo(position: number): boolean {
    this.#window.at = position;
    this.#expects = 'separator';
    this.#passed++;
    return true;
  }

  skip(): boolean {
    return false;
  }

  place(): RecordPlace {
    return { record: this.#passed };
  }

  #startsRecord(unit: number): boolean {
    return this.#expects === 'record' || (this.#expects === 'first' && unit !== CLOSE_ARRAY);
  }

  #atEnd(): Found {
    if (!this.#window.isLast) return 'more';
    if (this.#expects === 'nothing') return 'end';
    throw cutOff(this.#window.placeOf(this.#window.at));
  }

  /** Passes a comma, a bracket or a brace where it may stand. */
  #pass(unit: number): void {
    const expects = this.#expects;
    if (expects === 'separator' && unit === COMMA) this.#expects = 'record';
    else if (unit === CLOSE_ARRAY && expects !== 'brace' && expects !== 'nothing') {
      this.#expects = this.#isWrapped ? 'brace' : 'nothing';
    } else if (expects === 'brace' && unit === CLOSE_OBJECT) this.#expects = 'nothing';
    else throw this.#unexpected(unit);
    this.#window.at++;
  }

  #unexpected(unit: number): Error {
    const place = this.#window.placeOf(this.#window.at);
    if (this.#expects === 'brace' && unit === COMMA) {
      return otherShape(place, 'the object around the records has another property');
    }
    return this.#expects === 'nothing'
      ? otherShape(place, 'something follows the end of the records')
      : invalidAt(this.#window, this.#window.at);
  }
}
