import { ProtocolError } from './server-error.js';

const NULL_MARK = 0xfb;

/** Reads the fields of one packet, other than rows. */
export class PacketReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** An unsigned number of 1 to 4 bytes. */
  number(size: number): number {
    return this.#bytes.readUIntLE(this.#advance(size), size);
  }

  /** A number of variable length; null is NULL. Numbers of eight bytes do not occur in packets of less than 16 MiB. */
  length(): number | null {
    const first = this.number(1);
    if (first < NULL_MARK) return first;
    if (first === NULL_MARK) return null;
    if (first > 0xfd) throw new ProtocolError('a packet has a length beyond its end');
    return this.number(first === 0xfc ? 2 : 3);
  }

  /** A text with its length before it; null is NULL. */
  text(): string | null {
    const length = this.length();
    if (length === null) return null;
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  skip(size: number): void {
    this.#advance(size);
  }

  #advance(size: number): number {
    const start = this.#at;
    if (size > this.left) throw new ProtocolError('a packet is shorter than what it says it holds');
    this.#at += size;
    return start;
  }
}
