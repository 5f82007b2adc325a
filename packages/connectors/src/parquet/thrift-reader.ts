import { corrupt } from './corrupt.js';

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

const DOUBLE_BYTES = 8;
const LONG_LIST = 15;
const MAX_VARINT_BYTES = 10;
/** Structures within each other that Parquet has are fewer. */
const MAX_DEPTH = 16;

/**
 * Reads Thrift's compact protocol in place. Whatever the bytes are, it takes linear time, reads nothing outside of them and
 * allocates no more than they hold. Throws AppError InvalidFile.
 */
export class ThriftReader {
  readonly bytes: Buffer;
  offset: number;
  #depth = 0;

  constructor(bytes: Buffer, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Calls `field` with each field's number and type; it reads the value with one of the other methods, or skips it. */
  struct(type: number, field: (id: number, type: number) => void): void {
    expect(type === STRUCT);
    this.#depth += 1;
    expect(this.#depth <= MAX_DEPTH);
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      field(id, head & 0x0f);
    }
    this.#depth -= 1;
  }

  /** The structure that a footer or a page's header is. */
  root(field: (id: number, type: number) => void): void {
    this.struct(STRUCT, field);
  }

  /** Calls `element` for each element with its type. */
  list(type: number, element: (type: number) => void): void {
    expect(type === LIST || type === SET);
    const head = this.#byte();
    const size = head >> 4 === LONG_LIST ? this.#varint() : head >> 4;
    expect(size <= this.bytes.length - this.offset);
    for (let index = 0; index < size; index += 1) element(head & 0x0f);
  }

  /** An integer; beyond 2^53 it is rounded, where nothing that Parquet counts can be. */
  int(type: number): number {
    expect(type >= BYTE && type <= I64);
    return type === BYTE ? (this.#byte() << 24) >> 24 : this.#zigzag();
  }

  bool(type: number): boolean {
    expect(type === TRUE || type === FALSE);
    return type === TRUE;
  }

  text(type: number): string {
    expect(type === BINARY);
    const start = this.#skipBytes(this.#varint());
    return this.bytes.toString('utf8', start, this.offset);
  }

  skip(type: number): void {
    if (type === TRUE || type === FALSE) return;
    if (type >= BYTE && type <= I64) this.int(type);
    else if (type === DOUBLE) this.#skipBytes(DOUBLE_BYTES);
    else if (type === BINARY) this.#skipBytes(this.#varint());
    else if (type === LIST || type === SET) this.list(type, (element) => this.#skipElement(element));
    else this.struct(type, (_, member) => this.skip(member));
  }

  /** A boolean has a byte of its own in a list, and none in a structure. */
  #skipElement(type: number): void {
    if (type === TRUE || type === FALSE) this.#byte();
    else this.skip(type);
  }

  #skipBytes(count: number): number {
    const start = this.offset;
    expect(count <= this.bytes.length - start);
    this.offset += count;
    return start;
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < MAX_VARINT_BYTES; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw corrupt('a number of its metadata is too long');
  }

  #byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw corrupt('its metadata ends too early');
    this.offset += 1;
    return byte;
  }
}

function expect(holds: boolean): void {
  if (!holds) throw corrupt('its metadata cannot be decoded');
}
