import type { Archive } from './archive.js';
import { ElementFrames } from './element-frames.js';
import { FramedPart } from './framed-part.js';
import { corruptPart, tooLarge } from './invalid-file.js';
import { MAX_SHARED_STRINGS_BYTES, MAX_SHARED_STRINGS_PART_BYTES } from './limits.js';
import { mebibytes } from './part-stream.js';

import { plainMarkup, richText } from './xml-text.js';

const NAME = 'part with the shared strings';
const ELEMENTS = { root: 'sst', list: 'sst', item: 'si' };
/** Greatest number of bytes that a UTF-16 unit becomes. */
const UNIT_BYTES = 3;
const POSITION_BYTES = 4;

/**
 * The texts that cells refer to by number. They are bytes in one piece, outside of the heap: 1,000,000 texts of 20 characters
 * take 24 MB and none of the time of the garbage collector; as strings they take 50 MB.
 */
export class SharedStrings {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  /** Where each text ends. */
  #ends = new Uint32Array(1024);
  #count = 0;
  #length = 0;

  get count(): number {
    return this.#count;
  }

  /** @throws AppError InvalidFile when they would take too much. */
  add(text: string): void {
    if (this.#length + UNIT_BYTES * text.length > this.#bytes.length) this.#reserve(Buffer.byteLength(text));
    this.#length += this.#bytes.write(text, this.#length);
    if (this.#count === this.#ends.length) this.#ends = enlarge(this.#ends);
    this.#ends[this.#count] = this.#length;
    this.#count += 1;
    this.#check(this.#length);
  }

  byteLength(index: number): number {
    return (this.#ends[index] ?? 0) - this.#begin(index);
  }

  text(index: number): string {
    return this.#bytes.toString('utf8', this.#begin(index), this.#ends[index]);
  }

  #begin(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    this.#check(needed);
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #check(bytes: number): void {
    if (bytes + POSITION_BYTES * this.#count <= MAX_SHARED_STRINGS_BYTES) return;
    throw tooLarge(NAME, `${mebibytes(MAX_SHARED_STRINGS_BYTES)} of text`);
  }
}

/** Reads the shared strings of a workbook; null: it has none. @throws AppError InvalidFile */
export async function readSharedStrings(
  archive: Archive,
  path: string | null,
  signal: AbortSignal,
): Promise<SharedStrings> {
  const strings = new SharedStrings();
  if (path === null) return strings;
  const stream = await archive.open({ path, name: NAME, maxBytes: MAX_SHARED_STRINGS_PART_BYTES }, signal);
  const frames = new FramedPart(stream, new ElementFrames(ELEMENTS), NAME);
  try {
    do addFrames(frames, strings);
    while (await frames.more());
  } finally {
    stream.destroy();
  }
  return strings;
}

function addFrames(frames: FramedPart, strings: SharedStrings): void {
  for (let frame = frames.next(); frame !== null; frame = frames.next()) {
    if (typeof frame !== 'string') throw corruptPart(NAME, 'has a text that is too large, or is not UTF-8');
    const xml = frame;
    strings.add(frames.parse(() => richText(plainMarkup(xml), frames.prefix)));
  }
}

function enlarge(positions: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * positions.length);
  larger.set(positions);
  return larger;
}
