const MIN_CAPACITY = 64 * 1024;
/**
 * Texts of at most this length are copied by a loop: a call into Node's native code costs more than their characters. Measured on fields that were cut
 * out of rows, whose characters take longer to get at than those of a text of its own.
 */
const LOOP_LENGTH = 20;

/** A field that the warehouse could not hold. The message never holds the value. */
export class RefusedValue extends Error {}

/**
 * Bytes of a binary COPY in the making. Whoever writes texts asks for their room; everything of fixed width fits into the
 * margin that is always kept free behind them.
 */
export class WireBuffer {
  bytes: Buffer;
  position = 0;
  readonly #margin: number;

  constructor(margin: number) {
    this.#margin = margin;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(MIN_CAPACITY, 2 * margin));
  }

  /** Makes room for so many bytes and the margin. */
  reserve(size: number): void {
    const needed = this.position + size + this.#margin;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.position++] = value;
  }

  int16(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value >>> 8;
    bytes[position + 1] = value;
    this.position = position + 2;
  }

  int32(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value >>> 24;
    bytes[position + 1] = value >>> 16;
    bytes[position + 2] = value >>> 8;
    bytes[position + 3] = value;
    this.position = position + 4;
  }

  /** A 64-bit integer that a number holds exactly. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.int32(high);
    this.int32(value - high * 0x1_0000_0000);
  }

  float32(value: number): void {
    this.position = this.bytes.writeFloatBE(value, this.position);
  }

  float64(value: number): void {
    this.position = this.bytes.writeDoubleBE(value, this.position);
  }

  /** Length and bytes of a text, after `prefix` where it is not negative (jsonb begins with its version). */
  text(value: string, prefix = -1): void {
    this.reserve(3 * value.length + 5);
    const start = this.position;
    this.position += 4;
    if (prefix >= 0) this.byte(prefix);
    this.#characters(value);
    this.closeField(start);
  }

  /** Puts the length of a field in front of it; its first 4 bytes were left free. */
  closeField(start: number): void {
    const end = this.position;
    this.position = start;
    this.int32(end - start - 4);
    this.position = end;
  }

  #characters(value: string): void {
    const { bytes } = this;
    const { length } = value;
    let at = this.position;
    let index = 0;
    if (length <= LOOP_LENGTH) {
      for (; index < length; index++) {
        const code = value.charCodeAt(index);
        // One comparison for both ends: NUL becomes the greatest number.
        if ((code - 1) >>> 0 > 126) break;
        bytes[at++] = code;
      }
    }
    if (index < length) {
      if (value.includes('\0')) throw new RefusedValue('text with a NUL character cannot be stored');
      at = this.position + bytes.write(value, this.position, 'utf8');
    }
    this.position = at;
  }
}
