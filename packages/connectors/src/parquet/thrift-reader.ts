import type { AppError } from '@penstock/domain';
import { corrupt, unreadable } from './corrupt.js';

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
/** Numbers of fields are of 16 bits, and none is below 1. */
const MAX_FIELD = 0x7fff;
/** Fields and elements that are read without a pause: a group of rows of 50,000 columns has fewer. */
const MAX_VALUES = 4_000_000;

/**
 * Reads Thrift's compact protocol in place. Whatever the bytes are, it takes linear time, reads nothing outside of them and
 * allocates no more than they hold. Throws AppError InvalidFile.
 */
export class ThriftReader {
  readonly bytes: Buffer;
  offset: number;
  #depth = 0;
  #values = 0;

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
      id = this.#fieldId(head, id);
      field(id, head & 0x0f);
    }
    this.#depth -= 1;
  }

  /** The structure that a footer is, field by field, so that whoever reads it can make pauses. */
  *fields(): Generator<readonly [id: number, type: number]> {
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      id = this.#fieldId(head, id);
      yield [id, head & 0x0f];
    }
  }

  /** The types of the elements of a list, each to be read before the next. */
  *elements(type: number): Generator<number> {
    const [size, element] = this.#listHead(type);
    for (let index = 0; index < size; index += 1) yield element;
  }

  /** Another pause has been made. */
  paused(): void {
    this.#values = 0;
  }

  /** The structure that a footer or a page's header is. */
  root(field: (id: number, type: number) => void): void {
    this.struct(STRUCT, field);
  }

  /** Calls `element` for each element with its type. */
  list(type: number, element: (type: number) => void): void {
    const [size, elementType] = this.#listHead(type);
    this.#values += size;
    if (this.#values > MAX_VALUES) throw tooMany();
    for (let index = 0; index < size; index += 1) element(elementType);
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

  #fieldId(head: number, before: number): number {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw tooMany();
    const id = head >> 4 === 0 ? this.#zigzag() : before + (head >> 4);
    expect(id >= 1 && id <= MAX_FIELD);
    return id;
  }

  #listHead(type: number): readonly [size: number, element: number] {
    expect(type === LIST || type === SET);
    const head = this.#byte();
    const size = head >> 4 === LONG_LIST ? this.#varint() : head >> 4;
    expect(size <= this.bytes.length - this.offset);
    return [size, head & 0x0f];
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

function tooMany(): AppError {
  return unreadable(`a part of its metadata has more than ${MAX_VALUES} values`);
}

function expect(holds: boolean): void {
  if (!holds) throw corrupt('its metadata cannot be decoded');
}
