import { isUtf8 } from 'node:buffer';
import { isIPv6 } from 'node:net';
import type { RawField, RawRow } from '@penstock/engine';
import { isValidJson, ValueFailure } from '@penstock/language';
import { readDate, readDatetime, readTime, type TemporalFailures, temporalFailures } from './read-temporal.js';
import { ProtocolError } from './server-error.js';
import { WIRE, type Wire } from './wire.js';

/** One column of a result, in the order of the query. */
export interface WireColumn {
  readonly name: string;
  readonly wire: Wire;
  /** Its place in the records; -1 for one that is left out. */
  readonly target: number;
}

/** Bits of the null bitmap that are not used. */
const NULL_BITS_OFFSET = 2;
/** Longer texts are decoded by themselves; it takes too long to look whether they are ASCII. */
const SHORT_BYTES = 64;
const REPLACEMENT = '\ufffd';
/** A number with fewer bits is exact as a double. */
const EXACT_HIGH = 0x200000;
const TWO_32 = 0x1_0000_0000;

/**
 * Reads rows of the binary protocol into canonical values. It is the binary one because the text of a FLOAT is rounded to six
 * digits; it is faster as well, for the server and for us.
 */
export class RowReader {
  readonly #wires: readonly Wire[];
  readonly #targets: readonly number[];
  readonly #failures: readonly TemporalFailures[];
  /** Of each column, what is in the place of a text that is no JSON. */
  readonly #noJson: readonly ValueFailure[];
  readonly #width: number;
  readonly #headBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** The whole row, a character for each byte: cutting a short text out of it is faster than decoding it. */
  #text = '';
  #start = 0;
  #at = 0;
  #utf8 = true;

  constructor(columns: readonly WireColumn[]) {
    this.#wires = columns.map(({ wire }) => wire);
    this.#targets = columns.map(({ target }) => target);
    this.#failures = columns.map(({ name }) => temporalFailures(name));
    this.#noJson = columns.map(({ name }) => noJson(name));
    this.#width = columns.filter(({ target }) => target !== -1).length;
    this.#headBytes = 1 + ((columns.length + 7 + NULL_BITS_OFFSET) >> 3);
  }

  /** Undefined when a text is not valid UTF-8. */
  read(bytes: Buffer, start: number, end: number): RawRow | undefined {
    const row = new Array<RawField>(this.#width);
    const wires = this.#wires;
    this.#bytes = bytes;
    this.#text = bytes.toString('latin1', start, end);
    this.#start = start;
    this.#at = start + this.#headBytes;
    this.#utf8 = true;
    for (let column = 0; column < wires.length; column += 1) {
      const bit = column + NULL_BITS_OFFSET;
      const isNull = ((bytes[start + 1 + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0;
      const field = isNull ? null : this.#field(wires[column], column);
      const target = this.#targets[column] ?? -1;
      if (target !== -1) row[target] = field;
    }
    if (this.#at !== end) throw new ProtocolError('a row does not have the length of its columns');
    return this.#utf8 ? row : undefined;
  }

  #field(wire: Wire | undefined, column: number): RawField {
    switch (wire) {
      case WIRE.int8:
        return this.#bytes.readInt8(this.#advance(1));
      case WIRE.uint8:
        return this.#bytes.readUInt8(this.#advance(1));
      case WIRE.int16:
        return this.#bytes.readInt16LE(this.#advance(2));
      case WIRE.uint16:
        return this.#bytes.readUInt16LE(this.#advance(2));
      case WIRE.int32:
        return this.#bytes.readInt32LE(this.#advance(4));
      case WIRE.uint32:
        return this.#bytes.readUInt32LE(this.#advance(4));
      case WIRE.int64:
        return this.#int64(this.#advance(8));
      case WIRE.uint64:
        return this.#uint64(this.#advance(8));
      case WIRE.float:
        return this.#bytes.readFloatLE(this.#advance(4));
      case WIRE.double:
        return this.#bytes.readDoubleLE(this.#advance(8));
      case WIRE.year:
        return this.#year();
      case WIRE.date:
      case WIRE.datetime:
      case WIRE.time:
        return this.#temporal(wire, column);
      default:
        return this.#counted(wire, column);
    }
  }

  #temporal(wire: Wire, column: number): RawField {
    const length = this.#length();
    const at = this.#advance(length);
    const failures = this.#failures[column];
    if (failures === undefined) return null;
    if (wire === WIRE.datetime) return readDatetime(this.#bytes, at, length, failures);
    return (wire === WIRE.date ? readDate : readTime)(this.#bytes, at, length, failures);
  }

  /** A value with its length before it. */
  #counted(wire: Wire | undefined, column: number): RawField {
    const length = this.#length();
    const at = this.#advance(length);
    switch (wire) {
      case WIRE.text:
        return this.#textAt(at, length);
      case WIRE.json:
        return this.#jsonAt(at, length, column);
      case WIRE.decimal:
        return withoutZeros(this.#textAt(at, length));
      case WIRE.ip:
        return canonicalIp(this.#textAt(at, length));
      case WIRE.hex:
        return `\\x${this.#bytes.toString('hex', at, at + length)}`;
      case WIRE.bit:
        return this.#bytes.readUInt8(at) !== 0;
      case WIRE.bits:
        return BigInt(`0x${this.#bytes.toString('hex', at, at + length) || '0'}`).toString();
      default:
        return null;
    }
  }

  #textAt(at: number, length: number): string {
    const end = at + length;
    const bytes = this.#bytes;
    if (length <= SHORT_BYTES) {
      let all = 0;
      for (let index = at; index < end; index += 1) all |= bytes[index] ?? 0;
      if (all < 0x80) return this.#text.substring(at - this.#start, end - this.#start);
    }
    const text = bytes.toString('utf8', at, end);
    if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(at, end))) this.#utf8 = false;
    return text;
  }

  /** MariaDB keeps JSON as a text that it looks at less strictly than we do; what is no JSON would fail later steps. */
  #jsonAt(at: number, length: number, column: number): RawField {
    const text = this.#textAt(at, length);
    return isValidJson(text) ? text : this.#noJson[column];
  }

  #int64(at: number): string {
    const high = this.#bytes.readInt32LE(at + 4);
    if (high >= EXACT_HIGH || high < -EXACT_HIGH) return this.#bytes.readBigInt64LE(at).toString();
    return String(high * TWO_32 + this.#bytes.readUInt32LE(at));
  }

  #uint64(at: number): string {
    const high = this.#bytes.readUInt32LE(at + 4);
    if (high >= EXACT_HIGH) return this.#bytes.readBigUInt64LE(at).toString();
    return String(high * TWO_32 + this.#bytes.readUInt32LE(at));
  }

  /** The year 0000 is what MySQL writes when there is none. */
  #year(): RawField {
    const year = this.#bytes.readUInt16LE(this.#advance(2));
    return year === 0 ? null : year;
  }

  #length(): number {
    const first = this.#bytes.readUInt8(this.#advance(1));
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.#bytes.readUIntLE(this.#advance(2), 2);
    if (first === 0xfd) return this.#bytes.readUIntLE(this.#advance(3), 3);
    throw new ProtocolError('a value of a row has no length');
  }

  #advance(size: number): number {
    const at = this.#at;
    this.#at += size;
    return at;
  }
}

function noJson(property: string): ValueFailure {
  return new ValueFailure('InputValidation', 'InvalidJson', `value of property "${property}" is not valid JSON`);
}

/** A decimal of a column with ZEROFILL has zeros before it. */
function withoutZeros(text: string): string {
  if (text.charCodeAt(0) !== 48 || text.length < 2 || text.charCodeAt(1) === 46) return text;
  return text.replace(/^0+(?=\d)/, '');
}

/** URLs have the canonical form of IPv6 addresses; MariaDB shows the last two groups of some as an IPv4 address. */
function canonicalIp(address: string): string {
  if (!address.includes('.') || address.startsWith('::ffff:') || !isIPv6(address)) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
