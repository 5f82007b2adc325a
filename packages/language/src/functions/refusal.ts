import { isPropertyName } from '../types/property-path.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { ValueFailure } from '../values/value.js';

/** Why a value that a function returned is refused. Its path is put together on the way out, from the value to the record. */
export class Refusal {
  readonly code: string;
  readonly text: string;
  #path = '';

  constructor(code: string, text: string) {
    this.code = code;
    this.text = text;
  }

  /**
   * The same refusal, seen from the object whose property is concerned. A function can make names of anything: what is not the
   * name of a property is data.
   */
  ofProperty(name: string): this {
    if (!isPropertyName(name)) return this.#within('[*]');
    const shown = shownText(name, MAX_SHOWN.name);
    this.#path = this.#path === '' || this.#path.startsWith('[') ? shown + this.#path : `${shown}.${this.#path}`;
    return this;
  }

  /** The same refusal, seen from the array whose element is concerned. */
  ofElement(index: number): this {
    return this.#within(`[${index}]`);
  }

  /** The same refusal, seen from the map whose value is concerned. Keys of maps are data, which messages do not show. */
  ofMapValue(): this {
    return this.#within('[*]');
  }

  toFailure(): ValueFailure {
    return new ValueFailure(
      'OutputValidation',
      this.code,
      `property «${shownText(this.#path, MAX_SHOWN.path)}» ${this.text}`,
    );
  }

  #within(step: string): this {
    this.#path = this.#path === '' || this.#path.startsWith('[') ? step + this.#path : `${step}.${this.#path}`;
    return this;
  }
}
