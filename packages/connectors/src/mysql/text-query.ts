import { isEnd } from './end-of-rows.js';
import type { Exchange } from './packet-channel.js';
import { PacketReader } from './packet-reader.js';
import { ProtocolError } from './server-error.js';

/** A row of a statement of our own. */
export type TextRow = readonly (string | null)[];

const OK = 0;
/** More than any statement of our own returns. */
const MAX_ROWS = 10_000;

/** A statement of our own, whose result is small. Every value is a text. */
export class TextQuery implements Exchange {
  readonly rows: TextRow[] = [];
  #columns: number | null = null;
  #definitions = 0;

  packet(bytes: Buffer, start: number, end: number): boolean {
    const reader = new PacketReader(bytes, start, end);
    if (this.#columns === null) {
      this.#columns = reader.length();
      if (this.#columns === null) throw new ProtocolError('the server asks for a file');
      return this.#columns === OK;
    }
    // The definitions have a packet after them, as the rows.
    if (this.#definitions <= this.#columns) {
      this.#definitions += 1;
      return false;
    }
    if (isEnd(bytes, start, end)) return true;
    if (this.rows.length === MAX_ROWS) throw new ProtocolError('the server sends too much');
    this.rows.push(Array.from({ length: this.#columns }, () => reader.text()));
    return false;
  }

  oversized(): void {
    throw new ProtocolError('the server sends too much');
  }
}
