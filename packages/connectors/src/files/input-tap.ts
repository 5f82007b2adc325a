import { pipeline, type Transform } from 'node:stream';

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/** A transform that counts what it has used of its input: those of node:zlib. */
interface Engine extends Transform {
  readonly bytesWritten: number;
}

/** Input of a decompressor that may end before its input does: what it left can still be looked at. */
export class InputTap {
  readonly #input: AsyncIterator<Uint8Array>;
  #engine: Engine | undefined;
  #last: Uint8Array = new Uint8Array();
  #first: number | undefined;
  #taken = 0;
  #waits = false;
  #ended = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]();
  }

  /** The first byte of the input; undefined while there is none. */
  get first(): number | undefined {
    return this.#first;
  }

  /** The output of a decompressor that is fed with the input. It must take one chunk at a time. */
  through(engine: Engine): AsyncIterable<Uint8Array> {
    this.#engine = engine;
    // Errors of the input reach whoever reads the output: the pipeline destroys the decompressor with them.
    pipeline(this.#feed(), engine, () => undefined);
    return engine;
  }

  /** What the decompressor did not use. */
  async *rest(): Bytes {
    const unused = this.#taken - (this.#engine?.bytesWritten ?? 0);
    if (unused > 0) yield this.#last.subarray(this.#last.length - unused);
    yield* this.#feed();
  }

  /** Ends the input. Idempotent. */
  async close(): Promise<void> {
    this.#engine?.destroy();
    const ending = this.#input.return?.();
    // An input that stands still ends only when whoever made it ends it, which may be waiting for this here.
    if (this.#waits) ending?.catch(() => undefined);
    else await ending;
  }

  /** The chunks of the input; whoever stops before the end leaves the others there. */
  async *#feed(): Bytes {
    while (!this.#ended) {
      const next = await this.#next();
      if (next.done === true) {
        this.#ended = true;
        return;
      }
      this.#first ??= next.value[0];
      this.#taken += next.value.length;
      this.#last = next.value;
      yield next.value;
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    this.#waits = true;
    try {
      return await this.#input.next();
    } finally {
      this.#waits = false;
    }
  }
}
