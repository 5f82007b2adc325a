import type { Found, Framing, RecordPlace } from './framing.js';
import { OPEN_OBJECT, skipBlanks } from './json-characters.js';
import { otherShape } from './json-errors.js';
import type { TextWindow } from './text-window.js';

/** Objects that follow each other with nothing between them but white space. */
export class ObjectFraming implements Framing {
  readonly isWhole = false;
  readonly #window: TextWindow;
  #passed = 0;

  constructor(window: TextWindow) {
    this.#window = window;
  }

  get end(): number {
    return this.#window.text.length;
  }

  find(): Found {
    const window = this.#window;
    window.at = skipBlanks(window.text, window.at, window.text.length);
    if (window.at === window.text.length) return window.isLast ? 'end' : 'more';
    if (window.text.charCodeAt(window.at) !== OPEN_OBJECT) {
      throw otherShape(window.placeOf(window.at), 'something that is no object follows an object');
    }
    return 'record';
  }

  passTo(position: number): boolean {
    this.#window.at = position;
    this.#passed++;
    return true;
  }

  skip(): boolean {
    return false;
  }

  place(): RecordPlace {
    return { record: this.#passed };
  }
}
