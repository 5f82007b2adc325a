const INITIAL_BYTES = 256 * 1024;

/** The bytes of a stream that have arrived and are still needed, in one piece. Positions count from its beginning. */
export class ByteWindow {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  /** What is there. */
  bytes = this.#buffer.subarray(0, 0);

  /** Adds bytes, and forgets those before `start`, which becomes position 0. */
  push(chunk: Uint8Array, start: number): void {
    const kept = this.bytes.length - start;
    const needed = kept + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.bytes.copy(larger, 0, start);
      this.#buffer = larger;
    } else if (start > 0) {
      this.#buffer.copyWithin(0, start, this.bytes.length);
    }
    this.#buffer.set(chunk, kept);
    this.bytes = this.#buffer.subarray(0, needed);
  }
}
