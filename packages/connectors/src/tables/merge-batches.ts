import { setTimeout as pause } from 'node:timers/promises';
import type { RefusedRecord, WrittenBatch } from '@penstock/engine';

/** Pauses before a batch that met somebody else is tried again. */
const RETRY_AFTER_MS = [50, 250, 600];
/** A batch of which so many rows were refused is not halved any more: whoever writes gives up. */
const MAX_REFUSED = 1_000;
/** Why a row is refused that would replace another one, as the table compares keys. */
const OTHER_ROW = 'the table has a row with another key that it takes for the same';

/** Staged rows by their numbers, both ends inclusive. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** What a database does with staged rows. */
export interface RowMerger {
  /** The next so many rows behind a number; null when there are none. */
  next(after: number, limit: number): Promise<SequenceRange | null>;
  /**
   * Merges rows into the table in a transaction of its own. Returns the numbers of those that it passed over, because they would have replaced a row with
   * another key.
   */
  merge(range: SequenceRange): Promise<readonly number[]>;
}

/** What the errors of a database mean. */
export interface MergeErrors<Said> {
  /** What was said, when rows are at fault; else undefined. */
  readonly rowError: (error: unknown) => Said | undefined;
  /** Why a row was refused, without its values. */
  readonly refusalOf: (said: Said) => string;
  /** Whether the same statement may succeed when it is tried again. */
  readonly isConflict: (error: unknown) => boolean;
}

/** Merges batches of staged rows, and finds the rows that are at fault. */
export class BatchMerging<Said> {
  readonly #merger: RowMerger;
  readonly #errors: MergeErrors<Said>;
  #refusals = 0;

  constructor(merger: RowMerger, errors: MergeErrors<Said>) {
    this.#merger = merger;
    this.#errors = errors;
  }

  /** The next so many rows behind a number; null when there are none. */
  next(after: number, limit: number): Promise<SequenceRange | null> {
    return this.#merger.next(after, limit);
  }

  /** Writes a batch. When it is refused, its halves are written in its place, down to the rows that are at fault. */
  async write(range: SequenceRange): Promise<WrittenBatch> {
    const refused: RefusedRecord[] = [];
    const written = await this.#write(range, refused);
    return { written, refused };
  }

  async #write(range: SequenceRange, refused: RefusedRecord[]): Promise<number> {
    if (this.#refusals > MAX_REFUSED) return 0;
    try {
      const passedOver = await this.#merged(range);
      for (const sequence of passedOver) refused.push({ sequence, message: OTHER_ROW });
      this.#refusals += passedOver.length;
      return range.rows - passedOver.length;
    } catch (error) {
      const said = this.#errors.rowError(error);
      if (said === undefined) throw error;
      if (range.rows > 1) return await this.#writeHalves(range, refused);
      this.#refusals += 1;
      refused.push({ sequence: range.first, message: this.#errors.refusalOf(said) });
      return 0;
    }
  }

  async #writeHalves({ first, last, rows }: SequenceRange, refused: RefusedRecord[]): Promise<number> {
    const front = await this.next(first - 1, rows >> 1);
    if (front === null) return 0;
    const written = await this.#write(front, refused);
    return written + (await this.#write({ first: front.last + 1, last, rows: rows - front.rows }, refused));
  }

  async #merged(range: SequenceRange): Promise<readonly number[]> {
    for (const delayMs of RETRY_AFTER_MS) {
      try {
        return await this.#merger.merge(range);
      } catch (error) {
        if (!this.#errors.isConflict(error)) throw error;
        await pause(delayMs);
      }
    }
    return await this.#merger.merge(range);
  }
}
