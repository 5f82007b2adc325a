import type { RecordFailure } from '@penstock/domain';
import { MAX_JSON_DEPTH } from '@penstock/language';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import type { Found, Framing } from './framing.js';
import { invalidAt } from './invalid-at.js';
import { OPEN_OBJECT } from './json-characters.js';
import { cutOff, tooDeep, tooLarge } from './json-errors.js';
import { INCOMPLETE, type JsonScanner, TOO_DEEP } from './json-scanner.js';
import type { TextWindow } from './text-window.js';

/** Reads the object that starts at `start`: position after it, or a code of {@link JsonScanner}. */
export interface ObjectReading {
  read(text: string, start: number, end: number): number;
}

/** Characters of a record that are shown where it cannot be read. */
export const MAX_SHOWN = 2_000;

/** No character takes more bytes of UTF-8 for each of its UTF-16 units. */
const MAX_BYTES_OF_UNIT = 3;

const NOT_AN_OBJECT = failure('NotAnObject', 'the record is not a JSON object');
const NOT_UTF8 = failure('NotUTF8', 'the record is not valid UTF-8; save the file as UTF-8');
const NOT_JSON = failure('NotJSON', 'the line is not valid JSON');
const NESTED_TOO_DEEP = failure('TooDeep', `the record has values nested deeper than ${MAX_JSON_DEPTH} levels`);

/** Goes from record to record, as far as the window has them. */
export class RecordWalk {
  /** The last record. */
  start = 0;
  end = 0;
  /** Why the last record cannot be read; null: it has been. */
  failure: RecordFailure | null = null;
  readonly #window: TextWindow;
  readonly #framing: Framing;
  readonly #scanner: JsonScanner;
  readonly #objects: ObjectReading;

  constructor(window: TextWindow, framing: Framing, reading: { scanner: JsonScanner; objects: ObjectReading }) {
    this.#window = window;
    this.#framing = framing;
    this.#scanner = reading.scanner;
    this.#objects = reading.objects;
  }

  /** Reads the next record. Throws AppError InvalidFile. */
  next(): Found {
    const found = this.#framing.find();
    if (found === 'end') return 'end';
    if (found === 'more') return this.#waitForMore();
    const { text, at: start } = this.#window;
    const { end: limit } = this.#framing;
    const isObject = text.charCodeAt(start) === OPEN_OBJECT;
    const end = isObject ? this.#objects.read(text, start, limit) : this.#scanner.endOfValue(text, start, limit);
    if (end < 0) return this.#incompleteOrWrong(end);
    this.#checkSize(start, end);
    if (this.#framing.passTo(end)) this.#take(start, end, isObject ? null : NOT_AN_OBJECT);
    else this.#take(start, this.#window.at, NOT_JSON);
    return 'record';
  }

  /** What shows the last record and says where it is; to be called before the next one is read. */
  exhibit(): () => string {
    const { start, end } = this;
    const beginning = this.#window.text.slice(start, Math.min(end, start + MAX_SHOWN)).toWellFormed();
    const place = this.#framing.place();
    return () => JSON.stringify({ ...place, text: beginning });
  }

  #take(start: number, end: number, failure: RecordFailure | null): void {
    this.start = start;
    this.end = end;
    this.failure = failure;
    if (this.#window.isSuspect && !this.#window.text.slice(start, end).isWellFormed()) this.failure = NOT_UTF8;
  }

  #incompleteOrWrong(code: number): Found {
    const window = this.#window;
    const isCut = code === INCOMPLETE && !this.#framing.isWhole;
    if (isCut && window.isLast) throw cutOff(window.placeOf(window.text.length));
    if (isCut) return this.#waitForMore();
    const start = window.at;
    if (!this.#framing.skip()) throw this.#errorOf(code);
    this.#take(start, window.at, code === TOO_DEEP ? NESTED_TOO_DEEP : NOT_JSON);
    return 'record';
  }

  #errorOf(code: number): Error {
    const { failedAt } = this.#scanner;
    return code === TOO_DEEP ? tooDeep(this.#window.placeOf(failedAt)) : invalidAt(this.#window, failedAt);
  }

  #waitForMore(): Found {
    const { text, at } = this.#window;
    if (text.length - at > MAX_RECORD_BYTES) throw tooLarge(this.#window.placeOf(at));
    return 'more';
  }

  #checkSize(start: number, end: number): void {
    if ((end - start) * MAX_BYTES_OF_UNIT <= MAX_RECORD_BYTES) return;
    const { text } = this.#window;
    if (Buffer.byteLength(text.slice(start, end)) > MAX_RECORD_BYTES) throw tooLarge(this.#window.placeOf(start));
  }
}

function failure(code: string, message: string): RecordFailure {
  return { step: 'Receive', code, message, key: null };
}
