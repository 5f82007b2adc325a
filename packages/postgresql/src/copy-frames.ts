const HEADER_BYTES = 5;
const COPY_DATA = 0x64;

/** Who gets what {@link CopyFrames} finds. */
export interface FrameSink {
  /** A row of text, without the line break at its end: the bytes from `start` to `end` of the chunk. */
  row(chunk: Buffer, start: number, end: number): void;
  /** A row that is larger than allowed; its bytes are passed over and never held. */
  oversized(): void;
  /** A whole message of another type. */
  other(message: Buffer): void;
}

/**
 * Finds the messages in what a server sends during a COPY to the client. The server sends each row in a message of its own
 * (PostgreSQL manual, "COPY Operations"). Messages may be cut anywhere between chunks; what is held is one message at most.
 */
export class CopyFrames {
  readonly #sink: FrameSink;
  readonly #maxRowBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #neededBytes = 0;
  #skipBytes = 0;

  constructor(sink: FrameSink, maxRowBytes: number) {
    this.#sink = sink;
    this.#maxRowBytes = maxRowBytes;
  }

  push(chunk: Buffer): void {
    const fresh = this.#skip(chunk);
    if (fresh.length === 0) return;
    this.#pending.push(fresh);
    this.#pendingBytes += fresh.length;
    if (this.#pendingBytes < this.#neededBytes) return;
    const bytes = this.#pending.length === 1 ? fresh : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#neededBytes = 0;
    const rest = this.#walk(bytes);
    if (rest < bytes.length) {
      this.#pending.push(bytes.subarray(rest));
      this.#pendingBytes = bytes.length - rest;
    }
  }

  /** Passes the messages on and returns where the one begins that is not complete. */
  #walk(bytes: Buffer): number {
    let offset = 0;
    while (bytes.length - offset >= HEADER_BYTES) {
      const end = offset + 1 + bytes.readUInt32BE(offset + 1);
      const isRow = bytes[offset] === COPY_DATA;
      if (isRow && end - offset - HEADER_BYTES > this.#maxRowBytes) {
        this.#sink.oversized();
        this.#skipBytes = Math.max(0, end - bytes.length);
      } else if (end > bytes.length) {
        this.#neededBytes = end - offset;
        return offset;
      } else if (isRow) this.#sink.row(bytes, offset + HEADER_BYTES, end - 1);
      else this.#sink.other(bytes.subarray(offset, end));
      offset = Math.min(end, bytes.length);
    }
    return offset;
  }

  #skip(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#skipBytes, chunk.length);
    this.#skipBytes -= skipped;
    return skipped === 0 ? chunk : chunk.subarray(skipped);
  }
}
