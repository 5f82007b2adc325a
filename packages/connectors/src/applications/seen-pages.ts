import { createHash } from 'node:crypto';

const FINGERPRINT_BYTES = 12;
const MAX_PAGES = 1_000_000;

/** Pages, or what leads to them, that were there already: an application that goes round in circles would be read for ever. */
export class SeenPages {
  readonly #seen = new Set<string>();

  /** Whether a text is new. False as well when there are more than anybody has. */
  isNew(text: string): boolean {
    const fingerprint = createHash('sha256').update(text).digest().subarray(0, FINGERPRINT_BYTES).toString('latin1');
    if (this.#seen.has(fingerprint) || this.#seen.size >= MAX_PAGES) return false;
    this.#seen.add(fingerprint);
    return true;
  }
}
