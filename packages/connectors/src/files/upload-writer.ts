import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { DestinationRow, FileWriter } from '@penstock/engine';
import { type CompressedFile, compressor } from './compress.js';
import { interrupted } from './destination-error.js';
import type { FormatWriter } from './file-format.js';
import type { FileStorage, FileUpload } from './file-storage.js';

/** Where a file goes, and what becomes of its bytes on the way. */
export interface UploadRoute {
  readonly storage: FileStorage;
  readonly upload: FileUpload;
  /** null: nothing. */
  readonly compressed: CompressedFile | null;
}

/** Writes one file: format, then compression, then upload. What is slowest holds the others back. */
export class UploadWriter implements FileWriter {
  readonly #storage: FileStorage;
  readonly #upload: FileUpload;
  readonly #format: FormatWriter;
  /** The first stream: what the format writes into. */
  readonly #head: Writable;
  /** Resolves when the upload has taken all bytes. */
  readonly #taken: Promise<void>;
  #isCommitted = false;
  #closing: Promise<void> | null = null;

  constructor({ storage, upload, compressed }: UploadRoute, open: (out: Writable) => FormatWriter) {
    this.#storage = storage;
    this.#upload = upload;
    const { content } = upload;
    if (compressed === null) {
      this.#head = content;
      this.#taken = finished(content, { readable: false });
    } else {
      const head = compressor(compressed);
      this.#head = head;
      this.#taken = pipeline(head, content);
    }
    // It is looked at when everything is written; what fails before is seen by the write that it interrupts.
    this.#taken.catch(() => undefined);
    this.#format = open(this.#head);
  }

  async write(rows: readonly DestinationRow[]): Promise<void> {
    await this.#explained(() => this.#format.write(rows));
  }

  async commit(): Promise<void> {
    await this.#explained(async () => {
      await this.#format.end();
      this.#head.end();
      await this.#taken;
      await this.#upload.commit();
      this.#isCommitted = true;
    });
    await this.close();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#head.destroy();
    if (!this.#isCommitted) await this.#upload.discard();
    await this.#storage.close();
  }

  /** What the upload failed with counts: what stands before it fails because of that. */
  async #explained(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw interrupted('the file', this.#upload.content.errored ?? error);
    }
  }
}
