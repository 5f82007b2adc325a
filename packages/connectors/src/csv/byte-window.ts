/** Bytes that came and have not been used up, as one piece. It takes the room of the largest record, twice at most. */
export class ByteWindow {
  #room = Buffer.alloc(0);
  #begin = 0;
  #end = 0;

  /** Adds bytes at the end, copying them: whoever made the chunk may use it again. */
  append(chunk: Uint8Array): void {
    const needed = this.#end - this.#begin + chunk.length;
    if (this.#end + chunk.length > this.#room.length) this.#move(needed);
    this.#room.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Lets go of bytes at the beginning. */
  drop(bytes: number): void {
    this.#begin += bytes;
  }

  /** What there is; valid until the next call of append. */
  view(): Buffer {
    return this.#room.subarray(this.#begin, this.#end);
  }

  /** Twice the room that is needed now: each byte is moved a few times at most, however small the chunks are. */
  #move(needed: number): void {
    const size = needed * 2;
    const room = size > this.#room.length || size * 2 < this.#room.length ? Buffer.allocUnsafeSlow(size) : this.#room;
    this.#room.copy(room, 0, this.#begin, this.#end);
    [this.#room, this.#begin, this.#end] = [room, 0, this.#end - this.#begin];
  }
}
