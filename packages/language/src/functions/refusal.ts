import { ValueFailure } from '../values/value.js';

/** Longest name of a property that a message shows: a function can make names of anything. */
const MAX_NAME_LENGTH = 60;

/** Why a value that a function returned is refused. Its path is put together on the way out, from the value to the record. */
export class Refusal {
  readonly code: string;
  readonly text: string;
  #path = '';

  constructor(code: string, text: string) {
    this.code = code;
    this.text = text;
  }

  /** The same refusal, seen from the object whose property is concerned. */
  ofProperty(name: string): this {
    const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH).toWellFormed()}…` : name;
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
    return new ValueFailure('OutputValidation', this.code, `property «${this.#path}» ${this.text}`);
  }

  #within(step: string): this {
    this.#path = this.#path === '' || this.#path.startsWith('[') ? step + this.#path : `${step}.${this.#path}`;
    return this;
  }
}
