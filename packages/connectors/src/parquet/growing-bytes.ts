const FIRST_BYTES = 256;
const TWO_POW_32 = 2 ** 32;
/** Texts up to here are copied character by character, which takes less than a call does. */
const SHORT_TEXT = 48;
/** The most bytes that a unit of UTF-16 takes. */
const UTF8_BYTES = 3;
const LENGTH_BYTES = 4;
const LONG_TEXT = 16 * 1024;

/** Bytes that values are appended to, numbers with their lowest byte first. */
export class GrowingBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  length = 0;

  /** What has been appended; valid until more is. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  /** Begins anew, and gives memory of more than `keptBytes` back. */
  clear(keptBytes: number): void {
    this.length = 0;
    if (this.#bytes.length <= keptBytes) return;
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#view = viewOf(this.#bytes);
  }

  byte(value: number): void {
    const at = this.take(1);
    this.#bytes[at] = value;
  }

  int32(value: number): void {
    const at = this.take(4);
    this.#view.setInt32(at, value, true);
  }

  /** A safe integer as one of 64 bits. */
  int64(value: number): void {
    const at = this.take(8);
    this.#view.setInt32(at, value, true);
    this.#view.setInt32(at + 4, Math.floor(value / TWO_POW_32), true);
  }

  bigInt64(value: bigint): void {
    const at = this.take(8);
    this.#view.setBigInt64(at, value, true);
  }

  float32(value: number): void {
    const at = this.take(4);
    this.#view.setFloat32(at, value, true);
  }

  float64(value: number): void {
    const at = this.take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** 7 bits in each byte, the lowest first. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  append(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Bytes as hexadecimal digits. */
  hex(digits: string): void {
    const at = this.take(digits.length / 2);
    this.#bytes.write(digits, at, 'hex');
  }

  /** A text in UTF-8 after its length in 4 bytes. */
  text(text: string): void {
    const most = text.length > LONG_TEXT ? Buffer.byteLength(text) : UTF8_BYTES * text.length;
    this.#reserve(LENGTH_BYTES + most);
    const start = this.length + LENGTH_BYTES;
    const bytes = this.#shortText(text, start) ? text.length : this.#bytes.write(text, start);
    this.#view.setUint32(this.length, bytes, true);
    this.length = start + bytes;
  }

  /** Makes room for so many bytes, and says where they begin. */
  take(count: number): number {
    this.#reserve(count);
    const at = this.length;
    this.length = at + count;
    return at;
  }

  /** Copies a text of ASCII; false where it is long, or is none. */
  #shortText(text: string, start: number): boolean {
    if (text.length > SHORT_TEXT) return false;
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[start + index] = code;
    }
    return true;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
