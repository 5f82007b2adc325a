import { isAscii, isUtf8 } from 'node:buffer';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import { ByteWindow } from './byte-window.js';
import type { LineBreak } from './line-break.js';

const CARRIAGE_RETURN = 0x0d;

/**
 * Finds where lines end in the bytes of a file, and what may be the end of the record that is next. A record whose lines turn out
 * to go on is tried again with twice as many bytes, so that its length costs no more than in proportion. What is held is one
 * record at most, and a chunk.
 */
export class RecordBytes {
  readonly #window = new ByteWindow();
  #view = this.#window.view();
  #ended = false;
  #breakByte = 0;
  /** Where the next record begins. */
  #at = 0;
  /** Bytes from there, with the line break, that were not enough, and that the next try takes at least. */
  #tried = 0;
  #reach = 0;
  /** Bytes from there in which the end was looked for. */
  #searched = 0;
  /** End of the bytes of which is known whether they are all ASCII, and valid without a NUL. */
  #checked = 0;
  #ascii = true;
  #valid = true;

  /** What there is from the next record on. */
  get rest(): Buffer {
    return this.#view.subarray(this.#at);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether more than its first line is tried. */
  get extended(): boolean {
    return this.#reach > 0;
  }

  /** To be said before an end is looked for. */
  setLineBreak(lineBreak: LineBreak): void {
    this.#breakByte = lineBreak.charCodeAt(0);
    this.#check(0);
  }

  push(chunk: Uint8Array): void {
    const before = this.#view.length - this.#at;
    this.#window.drop(this.#at);
    this.#checked = Math.max(0, this.#checked - this.#at);
    this.#at = 0;
    this.#window.append(chunk);
    this.#view = this.#window.view();
    this.#check(before);
  }

  /** All has been pushed. */
  end(): void {
    this.#ended = true;
    this.push(Buffer.alloc(0));
  }

  /** Where the line ends that the next try is up to. `more`: more bytes are needed; `none`: there is no such record, it is too large. */
  findEnd(): number | 'more' | 'none' {
    const at = this.#at;
    const length = this.#view.length;
    let end = this.#view.indexOf(this.#breakByte, at + Math.max(this.#reach, this.#tried, this.#searched));
    if (end === -1 && this.#ended && at < length) end = length;
    if (end !== -1 && end - at <= MAX_RECORD_BYTES) return end;
    this.#searched = length - at;
    if (end === -1 && length - at <= MAX_RECORD_BYTES) return 'more';
    const before = this.#view.lastIndexOf(this.#breakByte, at + MAX_RECORD_BYTES);
    return this.#reach > 0 && before - at >= this.#tried ? before : 'none';
  }

  /** The text up to the end of a line, without carriage returns at its end. What is not valid is replaced. */
  text(end: number): string {
    let stop = end;
    while (stop > this.#at && this.#view[stop - 1] === CARRIAGE_RETURN) stop -= 1;
    return this.#view.toString(this.#ascii ? 'latin1' : 'utf8', this.#at, stop);
  }

  /** Whether the bytes up to an end are text that can be stored. */
  check(end: number): 'Valid' | 'InvalidText' | 'NulCharacter' {
    if (this.#valid) return 'Valid';
    const bytes = this.#view.subarray(this.#at, end);
    if (!isUtf8(bytes)) return 'InvalidText';
    return bytes.includes(0) ? 'NulCharacter' : 'Valid';
  }

  /** Size of what is up to an end. */
  size(end: number): number {
    return end - this.#at;
  }

  /** Where the line with a number ends, counted from 1 in what is up to `end`. */
  endOfLine(line: number, end: number): number {
    let found = this.#at - 1;
    for (let count = 0; count < line; count += 1) {
      found = this.#view.indexOf(this.#breakByte, found + 1);
      if (found === -1 || found >= end) return end;
    }
    return found;
  }

  /** Takes more for the next try; false when there is no more. */
  extend(end: number): boolean {
    if (this.#ended && end >= this.#view.length) return false;
    this.#tried = end - this.#at + 1;
    this.#reach = Math.min(this.#tried * 2, MAX_RECORD_BYTES);
    return true;
  }

  /** Goes on after the line break at `end`. */
  consume(end: number): void {
    this.#at = Math.min(end + 1, this.#view.length);
    [this.#tried, this.#reach, this.#searched] = [0, 0, 0];
  }

  /** Checks the lines that are complete now; at the end, all. Lines are checked once, and most files need no look at each record. */
  #check(from: number): void {
    if (this.#breakByte === 0) return;
    if (this.#checked === 0) [this.#ascii, this.#valid] = [true, true];
    const last = this.#view.subarray(from).lastIndexOf(this.#breakByte);
    const until = this.#ended ? this.#view.length : from + last + 1;
    if (until <= this.#checked || (last === -1 && !this.#ended)) return;
    const lines = this.#view.subarray(this.#checked, until);
    this.#ascii &&= isAscii(lines);
    this.#valid &&= (this.#ascii || isUtf8(lines)) && !lines.includes(0);
    this.#checked = until;
  }
}
