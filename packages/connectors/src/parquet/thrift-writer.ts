import { GrowingBytes } from './growing-bytes.js';

const TRUE = 1;
const FALSE = 2;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const LONG_LIST = 15;
const MAX_DELTA = 15;

/** Writes the fields of a structure in Thrift's compact protocol; their ids ascend. */
export class ThriftWriter {
  readonly #out: GrowingBytes;
  #last = 0;

  private constructor(out: GrowingBytes) {
    this.#out = out;
  }

  /** The bytes of a structure. */
  static encode(write: (struct: ThriftWriter) => void): Buffer {
    const out = new GrowingBytes();
    ThriftWriter.#struct(out, write);
    return out.bytes;
  }

  static #struct(out: GrowingBytes, write: (struct: ThriftWriter) => void): void {
    write(new ThriftWriter(out));
    out.byte(0);
  }

  bool(id: number, value: boolean): void {
    this.#head(id, value ? TRUE : FALSE);
  }

  /** The one member that is a single byte. */
  int8(id: number, value: number): void {
    this.#head(id, 3);
    this.#out.byte(value);
  }

  int16(id: number, value: number): void {
    this.#head(id, I16);
    this.#zigzag(value);
  }

  int32(id: number, value: number): void {
    this.#head(id, I32);
    this.#zigzag(value);
  }

  int64(id: number, value: number): void {
    this.#head(id, I64);
    this.#zigzag(value);
  }

  text(id: number, value: string): void {
    this.#head(id, BINARY);
    this.#text(value);
  }

  struct(id: number, write: (struct: ThriftWriter) => void): void {
    this.#head(id, STRUCT);
    ThriftWriter.#struct(this.#out, write);
  }

  int32s(id: number, values: readonly number[]): void {
    this.#list(id, I32, values.length);
    for (const value of values) this.#zigzag(value);
  }

  texts(id: number, values: readonly string[]): void {
    this.#list(id, BINARY, values.length);
    for (const value of values) this.#text(value);
  }

  /** A list of structures, each of which is encoded already. */
  structs(id: number, encoded: readonly Uint8Array[]): void {
    this.#list(id, STRUCT, encoded.length);
    for (const bytes of encoded) this.#out.append(bytes);
  }

  #head(id: number, type: number): void {
    const delta = id - this.#last;
    this.#last = id;
    if (delta <= MAX_DELTA) this.#out.byte((delta << 4) | type);
    else {
      this.#out.byte(type);
      this.#zigzag(id);
    }
  }

  #list(id: number, type: number, length: number): void {
    this.#head(id, LIST);
    if (length < LONG_LIST) this.#out.byte((length << 4) | type);
    else {
      this.#out.byte((LONG_LIST << 4) | type);
      this.#out.varint(length);
    }
  }

  #text(value: string): void {
    const bytes = Buffer.from(value);
    this.#out.varint(bytes.length);
    this.#out.append(bytes);
  }

  #zigzag(value: number): void {
    this.#out.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }
}
