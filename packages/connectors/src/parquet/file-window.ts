import type { LocalFile } from '../files/file-format.js';
import { corrupt } from './corrupt.js';

/** What is read of a file: from a place on, up to one that is expected to be the end, and at most up to another. */
export interface FilePart {
  readonly start: number;
  readonly expectedEnd: number;
  readonly end: number;
}

/** Reads a part of a file from its beginning to its end in larger pieces than are asked for. */
export class FileWindow {
  readonly #file: LocalFile;
  readonly #end: number;
  readonly #expectedEnd: number;
  readonly #pieceBytes: number;
  /** The bytes at hand, and where the first of them is in the file. */
  #bytes: Buffer = Buffer.alloc(0);
  #start: number;
  #position: number;

  constructor(file: LocalFile, { start, expectedEnd, end }: FilePart, pieceBytes: number) {
    [this.#file, this.#expectedEnd, this.#end, this.#pieceBytes] = [file, expectedEnd, end, pieceBytes];
    this.#start = start;
    this.#position = start;
  }

  /** Bytes from the position to the end. */
  get left(): number {
    return this.#end - this.#position;
  }

  /** The bytes at the position: at least so many, if the part has them. Throws AppError InvalidFile when the file lacks them. */
  async peek(count: number): Promise<Buffer> {
    const wanted = Math.min(count, this.left);
    const at = this.#position - this.#start;
    if (this.#bytes.length - at < wanted) {
      const piece = Math.min(this.#pieceBytes, this.#expectedEnd - this.#position);
      const length = Math.min(Math.max(wanted, piece), this.left);
      this.#bytes = await this.#file.read(this.#position, length);
      this.#start = this.#position;
      if (this.#bytes.length < length) throw corrupt('the file ends too early');
      return this.#bytes;
    }
    return this.#bytes.subarray(at);
  }

  skip(count: number): void {
    this.#position += count;
  }
}
