import type { Writable } from 'node:stream';
import type { DestinationRow } from '@penstock/engine';
import type { FormatWriter } from './file-format.js';
import { writeBytes } from './write-bytes.js';

/** Characters after which text goes on its way: rows can be large. */
const MAX_CHARS = 1024 * 1024;

/** What makes the text of a file. */
export interface RowText {
  /** What stands before the first row. */
  begin(): string;
  row(row: DestinationRow): string;
  /** What stands after the last row. */
  end(): string;
}

/** Writes a file of text in UTF-8: a buffer for each batch, or several where its rows are large. */
export class TextWriter implements FormatWriter {
  readonly #out: Writable;
  readonly #text: RowText;
  #begun = false;

  constructor(out: Writable, text: RowText) {
    this.#out = out;
    this.#text = text;
  }

  async write(rows: readonly DestinationRow[]): Promise<void> {
    let text = this.#beginning();
    for (const row of rows) {
      text += this.#text.row(row);
      if (text.length < MAX_CHARS) continue;
      await this.#send(text);
      text = '';
    }
    await this.#send(text);
  }

  async end(): Promise<void> {
    await this.#send(this.#beginning() + this.#text.end());
  }

  #beginning(): string {
    if (this.#begun) return '';
    this.#begun = true;
    return this.#text.begin();
  }

  async #send(text: string): Promise<void> {
    if (text !== '') await writeBytes(this.#out, Buffer.from(text));
  }
}
