const HEADER_BYTES = 4;
/** A packet of this length is continued in the next one. */
const CONTINUED_BYTES = 0xffffff;

/** Who gets what {@link PacketFrames} finds. */
export interface PacketSink {
  /** A whole packet, without its header: the bytes from `start` to `end` of the chunk. */
  packet(chunk: Buffer, start: number, end: number): void;
  /** A packet of 16 MiB or more; its bytes are passed over and never held. */
  oversized(): void;
}

/**
 * Finds the packets in what a server sends (MySQL client/server protocol, "MySQL Packets"). Packets may be cut anywhere
 * between chunks; what is held is one packet at most.
 */
export class PacketFrames {
  readonly #sink: PacketSink;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #neededBytes = 0;
  #skipBytes = 0;
  #continued = false;

  constructor(sink: PacketSink) {
    this.#sink = sink;
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

  /** Passes the packets on and returns where the one begins that is not complete. */
  #walk(bytes: Buffer): number {
    let offset = 0;
    while (bytes.length - offset >= HEADER_BYTES) {
      const length = bytes.readUIntLE(offset, 3);
      const end = offset + HEADER_BYTES + length;
      if (this.#continued || length === CONTINUED_BYTES) this.#pass(length, end - bytes.length);
      else if (end > bytes.length) {
        this.#neededBytes = end - offset;
        return offset;
      } else this.#sink.packet(bytes, offset + HEADER_BYTES, end);
      offset = Math.min(end, bytes.length);
    }
    return offset;
  }

  /** Passes over a part of an oversized packet, of which so many bytes are still to come. */
  #pass(length: number, missing: number): void {
    if (!this.#continued) this.#sink.oversized();
    this.#continued = length === CONTINUED_BYTES;
    this.#skipBytes = Math.max(0, missing);
  }

  #skip(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#skipBytes, chunk.length);
    this.#skipBytes -= skipped;
    return skipped === 0 ? chunk : chunk.subarray(skipped);
  }
}
