import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { stopSignal } from '@penstock/domain';
import type { FileUpload } from '../files/file-storage.js';
import { UploadContent } from '../files/upload-content.js';
import type { PartsUpload } from './begin-upload.js';
import { partBytes } from './part-bytes.js';
import { writeError } from './write-error.js';

const BUFFER_BYTES = 512 * 1024;
const MAX_IN_FLIGHT = 2;
const CLEAN_UP_MS = 5_000;

/** A file that is uploaded in parts: one that is filled, and at most {@link MAX_IN_FLIGHT} that are on their way. */
export class S3Upload implements FileUpload {
  readonly content: UploadContent;
  readonly #upload: PartsUpload;
  readonly #signal: AbortSignal;
  /** Ends what is under way: with the attempt, or when it is discarded. */
  readonly #stop = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #parts: CompletedPart[] = [];
  #filling: Buffer = Buffer.alloc(0);
  #filled = 0;
  #begun = 0;
  #ended = false;
  #failure: unknown = null;

  constructor(upload: PartsUpload, signal: AbortSignal) {
    this.#upload = upload;
    this.#signal = signal;
    const explained = (action: Promise<void>) => this.#explained(action);
    const sink = { take: (chunk: Buffer) => explained(this.#take(chunk)), end: () => explained(this.#end()) };
    this.content = new UploadContent(sink, { signal, bufferBytes: BUFFER_BYTES });
    this.content.on('error', (error) => this.#stop.abort(error));
  }

  async commit(): Promise<void> {
    const { client, target } = this.#upload;
    const Parts = this.#parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    const complete = new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } });
    // The stream, which has ended, does not look at the signal any more.
    const stop = stopSignal([this.#signal, this.#stop.signal]);
    try {
      await this.#explained(client.send(complete, { abortSignal: stop.signal }));
    } finally {
      stop.release();
    }
    this.#ended = true;
    client.destroy();
  }

  async discard(): Promise<void> {
    this.#stop.abort();
    this.content.destroy();
    await this.content.settled();
    // A part that arrives after the upload was aborted would stay.
    await Promise.allSettled(this.#inFlight);
    if (!this.#ended) await this.#abort();
    this.#ended = true;
    this.#upload.client.destroy();
  }

  async #take(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === this.#filling.length) await this.#nextPart();
      const copied = chunk.copy(this.#filling, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  /** The last part may be as small as it likes; a file without bytes is one part without bytes. */
  async #end(): Promise<void> {
    if (this.#filled > 0 || this.#begun === 0) this.#send();
    await Promise.all(this.#inFlight);
    this.#check();
  }

  async #nextPart(): Promise<void> {
    if (this.#filled > 0) this.#send();
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#check();
    this.#filling = Buffer.allocUnsafeSlow(partBytes(this.#begun + 1));
    this.#filled = 0;
  }

  #send(): void {
    this.#begun += 1;
    const sending = this.#sendPart(this.#begun, this.#filling.subarray(0, this.#filled)).catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#inFlight.add(sending);
    void sending.then(() => this.#inFlight.delete(sending));
  }

  async #sendPart(PartNumber: number, Body: Buffer): Promise<void> {
    const { client, target } = this.#upload;
    const command = new UploadPartCommand({ ...target, PartNumber, Body, ContentLength: Body.length });
    const { ETag } = await client.send(command, { abortSignal: this.#stop.signal });
    this.#parts.push({ PartNumber, ETag });
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async #abort(): Promise<void> {
    const { client, target } = this.#upload;
    const stop = stopSignal([], CLEAN_UP_MS);
    await client.send(new AbortMultipartUploadCommand(target), { abortSignal: stop.signal }).catch(() => undefined);
    stop.release();
  }

  async #explained(action: Promise<unknown>): Promise<void> {
    const { settings, path } = this.#upload;
    await action.catch((error: unknown) => {
      this.#signal.throwIfAborted();
      this.#stop.signal.throwIfAborted();
      throw writeError(error, settings, path);
    });
  }
}
