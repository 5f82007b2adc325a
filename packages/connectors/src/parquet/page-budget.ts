import { unreadable } from './corrupt.js';

/** Bytes of one page: writers make them of about 1 MiB, a few of some dozens. */
export const MAX_PAGE_BYTES = 128 * 1024 * 1024;
/** Bytes that the pages and dictionaries of all columns take in memory at once. */
const MAX_OPEN_BYTES = 384 * 1024 * 1024;

/** Keeps what the pages of a row group take in memory below a limit, whatever the file says. */
export class PageBudget {
  #used = 0;

  /** Throws AppError InvalidFile when there is no room. */
  reserve(bytes: number): void {
    this.#used += bytes;
    if (this.#used > MAX_OPEN_BYTES) {
      throw unreadable(
        `its pages need more than ${MAX_OPEN_BYTES} bytes of memory at once; write it with smaller pages, or select fewer columns`,
      );
    }
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}
