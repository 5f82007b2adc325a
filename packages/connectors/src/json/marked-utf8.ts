import { isAscii, isUtf8 } from 'node:buffer';

/** Half of a surrogate pair: no valid UTF-8 becomes one, so that a text with one of them came from bytes that are not UTF-8. */
export const MARK = '\udc80';
const REPLACEMENT = '\ufffd';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

export interface MarkedText {
  readonly text: string;
  /** Whether there is a mark in it. */
  readonly isMarked: boolean;
}

/** Decodes UTF-8. What is not valid becomes {@link MARK}, so that whoever reads on can tell where it was. */
export function decodeMarked(bytes: Buffer): MarkedText {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), isMarked: false };
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), isMarked: false };
  return { text: marked(bytes), isMarked: true };
}

/** The decoder puts its replacement where bytes are not valid. The replacements that are in the file itself stay. */
function marked(bytes: Buffer): string {
  const pieces: string[] = [];
  let start = 0;
  for (;;) {
    const own = bytes.indexOf(REPLACEMENT_BYTES, start);
    const end = own === -1 ? bytes.length : own;
    pieces.push(bytes.toString('utf8', start, end).replaceAll(REPLACEMENT, MARK));
    if (own === -1) return pieces.join(REPLACEMENT);
    start = own + REPLACEMENT_BYTES.length;
  }
}

/** Number of the bytes without the beginning of a character at their end that may go on after them. */
export function endOfCompleteUtf8(bytes: Uint8Array): number {
  const LONGEST = 4;
  for (let back = 1; back <= Math.min(LONGEST, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    return back < lengthOf(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Bytes of the character that begins with a byte. */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
