import type { Compression } from '@penstock/domain';
import { bounded, type SizeOf, tooLarge, tooLargeToCopy } from './bounded.js';
import { gunzip } from './decompress.js';
import type { FileContent, LocalFile } from './file-format.js';
import { type FileAccess, type FileStorage, nameOf, type StoredFile } from './file-storage.js';
import { checkFirstBytes, FIRST_BYTES, withKnownStart } from './first-bytes.js';
import { OpenedLocalFile } from './opened-local-file.js';
import { withProgress } from './progress.js';
import { type Patience, type ResumingStream, resumingStream } from './resuming-stream.js';
import { unframeSnappy } from './snappy-framing.js';
import { spool } from './spool.js';
import { openZipEntry } from './zip-entry.js';

export interface ContentRequest {
  readonly storage: FileStorage;
  readonly file: StoredFile;
  /** null reads the file as it is. */
  readonly compression: Compression | null;
  readonly access: Pick<FileAccess, 'maxFileBytes'>;
  readonly patience?: Patience;
  /** Greatest size in bytes of what is copied to this machine, where it is less than what may be read. */
  readonly maxCopyBytes?: number;
  /** Is called with every MiB that is copied. */
  readonly onProgress?: () => void;
}

/** The decompressed content of a file of a storage. Whoever opens it closes it. */
export interface OpenedContent extends FileContent {
  /** The file's own time, as well as it is known by now: that of an archive's entry is known when its first byte is. */
  readonly modifiedAt: Date | null;
  /**
   * Makes sure that what was read is of one file, where the file is read on this machine and others can write it.
   * @throws AppError SourceUnavailable
   */
  checkUnchanged(): Promise<void>;
  /** Ends transfers, and removes temporary files. Idempotent, never throws. */
  close(): Promise<void>;
}

type Bytes = AsyncIterable<Uint8Array>;

const CLOSED = 'the content of the file was closed';
/** What compression may add to data that cannot be made smaller. */
const COMPRESSED_SLACK_BYTES = 1024 * 1024;

/** The content of a file; nothing is opened before it is asked for. Errors are as the port of formats demands. */
export function openContent(request: ContentRequest, signal: AbortSignal): OpenedContent {
  return new StoredContent(request, signal);
}

class StoredContent implements OpenedContent {
  readonly #request: ContentRequest;
  readonly #signal: AbortSignal;
  /** Ends with the signal, or when the content is closed. */
  readonly #ending = new AbortController();
  readonly #transfer: ResumingStream;
  readonly #locals: Promise<OpenedLocalFile>[] = [];
  #entryTime: Date | null = null;
  #closing: Promise<void> | undefined;

  constructor(request: ContentRequest, signal: AbortSignal) {
    const { storage, file, patience } = request;
    this.#request = request;
    this.#signal = signal;
    if (signal.aborted) this.#end();
    signal.addEventListener('abort', this.#end, { once: true });
    const ending = this.#ending.signal;
    this.#transfer = resumingStream(
      storage,
      file,
      patience === undefined ? { signal: ending } : { signal: ending, patience },
    );
  }

  get modifiedAt(): Date | null {
    return this.#entryTime ?? this.#transfer.file.modifiedAt;
  }

  stream(): Bytes {
    const { compression, access } = this.#request;
    if (compression === null) return withKnownStart(this.#stored(), 'stream');
    const bound = { maxBytes: access.maxFileBytes, of: 'decompressed', refusal: tooLarge } as const;
    return bounded(this.#decompressed(compression), bound);
  }

  async local(): Promise<LocalFile> {
    const isPlain = this.#request.compression === null;
    return await (isPlain ? this.#localPlain() : this.#copy(this.stream(), 'decompressed'));
  }

  async checkUnchanged(): Promise<void> {
    for (const local of this.#locals) {
      const file = await local.catch(() => null);
      await file?.checkUnchanged();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    this.#ending.abort(new Error(CLOSED));
    for (const local of this.#locals) {
      await local.then(
        (file) => file.close(),
        () => undefined,
      );
    }
  }

  /** The bytes as the storage has them. */
  #stored(): Bytes {
    const { compression, access, file } = this.#request;
    const [most, of] = compression === null ? [access.maxFileBytes, 'stored' as const] : this.#mostStored();
    // It is said before the first byte is transferred where it is known.
    if (file.size !== null && file.size > most) throw tooLarge(access.maxFileBytes, of);
    return bounded(this.#transfer.content, { maxBytes: most, of, refusal: tooLarge });
  }

  /** A compressed file is larger than what it holds by little at most, and endless ones are to end. */
  #mostStored(): [number, SizeOf] {
    const { maxFileBytes } = this.#request.access;
    return [maxFileBytes + Math.floor(maxFileBytes / 100) + COMPRESSED_SLACK_BYTES, 'decompressed'];
  }

  async *#decompressed(compression: Compression): AsyncGenerator<Uint8Array, void, undefined> {
    switch (compression) {
      case 'Gzip':
        return yield* gunzip(this.#stored());
      case 'Snappy':
        return yield* unframeSnappy(this.#stored());
      case 'Zip': {
        const entry = await openZipEntry(await this.#localStored(), this.#ending.signal);
        this.#entryTime = entry.modifiedAt;
        yield* entry.content();
      }
    }
  }

  /** A file that is read as it is, after a look at its first bytes. */
  async #localPlain(): Promise<OpenedLocalFile> {
    const { maxFileBytes } = this.#request.access;
    const local = await this.#localOriginal();
    if (local === null) return await this.#copyStored(withKnownStart(this.#stored(), 'local'));
    if (local.size > maxFileBytes) throw tooLarge(maxFileBytes, 'stored');
    checkFirstBytes(await local.read(0, FIRST_BYTES), 'local');
    return local;
  }

  /** The stored file on this machine: itself where it is here, otherwise a copy. */
  async #localStored(): Promise<OpenedLocalFile> {
    return (await this.#localOriginal()) ?? (await this.#copyStored(this.#stored()));
  }

  /** The file itself; null where it is elsewhere. */
  async #localOriginal(): Promise<OpenedLocalFile | null> {
    const { storage, file } = this.#request;
    if (storage.openLocal === undefined) return null;
    return await this.#keep(OpenedLocalFile.of(storage.openLocal(file, this.#ending.signal), nameOf(file)));
  }

  #copyStored(content: Bytes): Promise<OpenedLocalFile> {
    const { file, maxCopyBytes } = this.#request;
    if (maxCopyBytes !== undefined && file.size !== null && file.size > maxCopyBytes) {
      throw tooLargeToCopy(maxCopyBytes, 'stored');
    }
    return this.#copy(content, 'stored');
  }

  #copy(content: Bytes, of: SizeOf): Promise<OpenedLocalFile> {
    const { file, maxCopyBytes: maxBytes, onProgress } = this.#request;
    const part = maxBytes === undefined ? content : bounded(content, { maxBytes, of, refusal: tooLargeToCopy });
    const told = onProgress === undefined ? part : withProgress(part, onProgress);
    return this.#keep(spool(told, nameOf(file)));
  }

  /** Remembers a file that is to be closed, even if it is opened only after nobody waits for it any more. */
  async #keep(opening: Promise<OpenedLocalFile>): Promise<OpenedLocalFile> {
    this.#locals.push(opening);
    const local = await opening;
    this.#ending.signal.throwIfAborted();
    return local;
  }

  readonly #end = (): void => this.#ending.abort(this.#signal.reason);
}
