import { RandomAccessReader } from 'yauzl';
import type { LocalFile } from '../files/file-format.js';

type Done = (error: Error | null, bytesRead?: number) => void;

/** A local file as the zip reader wants it. What the file itself throws is kept: it says nothing about the zip. */
export class ZipSource extends RandomAccessReader {
  readonly #file: LocalFile;
  /** What reading the file threw. */
  failure: { readonly error: unknown } | null = null;

  constructor(file: LocalFile) {
    super();
    this.#file = file;
  }

  override read(target: Buffer, offset: number, length: number, position: number, done: Done): void {
    // Positions come from the file: there may be anything.
    if (!(position >= 0 && position + length <= this.#file.size)) {
      setImmediate(done, new Error('position is outside of the file'));
      return;
    }
    this.#copy(target.subarray(offset, offset + length), position).then(
      (bytesRead) => this.#settle(() => done(null, bytesRead)),
      (error: unknown) => {
        this.failure ??= { error };
        this.#settle(() => done(error instanceof Error ? error : new Error(String(error))));
      },
    );
  }

  async #copy(target: Buffer, position: number): Promise<number> {
    return (await this.#file.read(position, target.length)).copy(target);
  }

  /** A reader that throws at what it finds would otherwise end the process. */
  #settle(settle: () => void): void {
    try {
      settle();
    } catch (error) {
      this.emit('error', error);
    }
  }
}
