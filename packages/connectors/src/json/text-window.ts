import type { Place } from './json-errors.js';
import { decodeMarked, endOfCompleteUtf8 } from './marked-utf8.js';

/**
 * Bytes that are decoded at once. Fields are slices of this text and keep it in memory, so it is small; and texts of about a
 * million bytes and more live outside of the heap of V8, where reading single characters takes longer.
 */
const PIECE_BYTES = 64 * 1024;

const BYTE_ORDER_MARK = '\ufeff';

/** A stretch of the text of a file that moves on as it is read. Bytes that are not UTF-8 are marked. */
export class TextWindow {
  /** What has arrived and was not discarded. */
  text = '';
  /** The position up to which it has been read. */
  at = 0;
  /** Everything has arrived. */
  isLast = false;
  /** Whether there may be bytes in the text that are not UTF-8. */
  isSuspect = false;
  readonly #next: () => Promise<Uint8Array | null>;
  #chunk: Uint8Array = new Uint8Array(0);
  #held: Uint8Array = new Uint8Array(0);
  #hasBegun = false;
  /** Line breaks that have arrived. */
  #breaks = 0;
  /** Characters of the line in which the text begins that were discarded. */
  #indent = 0;

  constructor(next: () => Promise<Uint8Array | null>) {
    this.#next = next;
  }

  /** Discards what has been read and waits for at least `wanted` more bytes, or the end. `at` becomes 0. */
  async fill(wanted = 0): Promise<void> {
    const bytes = await this.#collect(Math.max(wanted, PIECE_BYTES));
    const end = this.isLast ? bytes.length : endOfCompleteUtf8(bytes);
    const complete = bytes.subarray(0, end);
    this.#held = bytes.subarray(end);
    this.#breaks += breaksOf(complete);
    this.#discard();
    this.#append(complete);
  }

  /** The place of a position in the text. */
  placeOf(position: number): Place {
    const lineStart = position === 0 ? 0 : this.text.lastIndexOf('\n', position - 1) + 1;
    const before = lineStart === 0 ? this.#indent + position : position - lineStart;
    return { line: 1 + this.#breaks - breaksAfter(this.text, position), column: before + 1 };
  }

  #discard(): void {
    const { text, at } = this;
    const first = text.indexOf('\n');
    if (first === -1 || first >= at) this.#indent += at;
    else this.#indent = at - 1 - text.lastIndexOf('\n', at - 1);
    this.text = text.slice(at);
    this.at = 0;
  }

  #append(bytes: Buffer): void {
    const { text, isMarked } = decodeMarked(bytes);
    this.isSuspect = isMarked || (this.isSuspect && this.text.length > 0);
    const added = !this.#hasBegun && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    this.#hasBegun = true;
    // A text made by join is flat; reading one made by + goes through the parts that it was made of: a sixth slower.
    this.text = [this.text, added].join('');
  }

  /** At least `wanted` bytes, fewer only at the end. */
  async #collect(wanted: number): Promise<Buffer> {
    const pieces = [this.#held];
    let length = this.#held.length;
    while (length < wanted && !this.isLast) {
      if (this.#chunk.length === 0) {
        const chunk = await this.#next();
        if (chunk === null) this.isLast = true;
        else this.#chunk = chunk;
        continue;
      }
      const piece = this.#chunk.subarray(0, wanted - length);
      this.#chunk = this.#chunk.subarray(piece.length);
      pieces.push(piece);
      length += piece.length;
    }
    return Buffer.concat(pieces, length);
  }
}

function breaksOf(bytes: Buffer): number {
  const BREAK = 10;
  if (!bytes.includes(BREAK)) return 0;
  let count = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === BREAK) count++;
  }
  return count;
}

function breaksAfter(text: string, start: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
