import type { RecordFailure } from '@penstock/domain';
import { type Frame, OVERSIZED } from './element-frames.js';
import type { FramedPart } from './framed-part.js';
import { corruptRow } from './invalid-file.js';
import { MAX_SHEET_ROWS } from './limits.js';
import { INVALID_ENCODING, TOO_LARGE } from './record-parser.js';
import { type CellContext, SheetCells } from './sheet-cells.js';
import { MalformedXml } from './xml-text.js';

/** The row that {@link SheetRows} is at. The object is the same for all rows. */
export interface SheetRow {
  /** As Excel shows it, from 1. */
  readonly number: number;
  readonly xml: string;
  /** Why not even its cells can be read. */
  readonly failure: RecordFailure | null;
}

/** The rows of a sheet, one after the other. Methods throw AppError InvalidFile. */
export class SheetRows {
  readonly #part: FramedPart;
  readonly #context: CellContext;
  readonly #row: { number: number; xml: string; failure: RecordFailure | null } = { number: 0, xml: '', failure: null };
  #cells: SheetCells | null = null;
  /** Rows that were there, whatever their numbers. */
  #count = 0;
  #held = false;

  constructor(part: FramedPart, context: CellContext) {
    this.#part = part;
    this.#context = context;
  }

  /** The cells of the row. */
  get cells(): SheetCells {
    // The prefix is known when the first row is there.
    this.#cells ??= new SheetCells(this.#context, this.#part.prefix);
    return this.#cells;
  }

  /** The next row of those that have arrived; its cells are ready to be read. */
  next(): SheetRow | null {
    if (this.#held) {
      this.#held = false;
      this.cells.start(this.#row.xml);
      return this.#row;
    }
    const frame = this.#part.next();
    return frame === null ? null : this.#enter(frame);
  }

  /** Makes the next row the one that was just there. */
  hold(): void {
    this.#held = true;
  }

  /** Waits for more rows; false after the last. */
  more(): Promise<boolean> {
    return this.#part.more();
  }

  /** Does something with the cells of a row. */
  parse<T>(row: number, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw error instanceof MalformedXml ? corruptRow(row, error.message) : error;
    }
  }

  #enter(frame: Frame): SheetRow {
    const row = this.#row;
    row.number += 1;
    row.failure = null;
    this.#count += 1;
    if (typeof frame === 'string') {
      row.xml = frame;
      row.number = this.parse(row.number, () => this.#begin(frame)) ?? row.number;
    } else {
      row.xml = '';
      row.failure = frame === OVERSIZED ? TOO_LARGE : INVALID_ENCODING;
    }
    if (row.number >= 1 && row.number <= MAX_SHEET_ROWS && this.#count <= MAX_SHEET_ROWS) return row;
    throw corruptRow(this.#count, 'has a number that no sheet has');
  }

  #begin(xml: string): number | null {
    this.cells.start(xml);
    return this.cells.row;
  }
}
