import type { ElementFrames, Frame } from './element-frames.js';
import { corruptPart, type PartName } from './invalid-file.js';
import { DocumentType } from './markup-scanner.js';
import type { PartStream } from './part-stream.js';
import { refuseDoctype } from './xml-part.js';
import { MalformedXml } from './xml-text.js';

/** The elements of a list in a part that is being read. All that is wrong is an AppError `InvalidFile` that names the part. */
export class FramedPart {
  readonly #stream: PartStream;
  readonly #frames: ElementFrames;
  readonly #name: PartName;

  constructor(stream: PartStream, frames: ElementFrames, name: PartName) {
    this.#stream = stream;
    this.#frames = frames;
    this.#name = name;
  }

  get prefix(): string {
    return this.#frames.prefix;
  }

  /** The next element of those that have arrived. */
  next(): Frame | null {
    try {
      return this.#frames.next();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Waits for more elements; false after the end, when everything has been checked. */
  async more(): Promise<boolean> {
    const chunk = await this.#stream.read();
    if (chunk !== null) {
      this.#frames.push(chunk);
      return true;
    }
    if (!this.#frames.complete) throw corruptPart(this.#name, 'is cut off');
    return false;
  }

  /** Does something with the XML of an element. */
  parse<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (error instanceof DocumentType) return refuseDoctype(this.#name);
    return error instanceof MalformedXml ? corruptPart(this.#name, error.message, error) : error;
  }
}
