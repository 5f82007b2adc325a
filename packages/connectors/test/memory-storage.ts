import { Readable } from 'node:stream';
import { AppError } from '@penstock/domain';
import type { FileStorage, OpenedFile, StoredFile } from '../src/files/file-storage.js';

export interface MemoryFile {
  readonly data: string | Uint8Array;
  readonly modifiedAt?: Date | null;
  readonly version?: string | null;
}

/** Something that goes wrong once: at a byte of a file, or before one is delivered when `at` is 'open'. */
export interface Fault {
  readonly at: number | 'open';
  /** Without an error the transfer stands still. */
  readonly error?: Error;
  /** What happens at that moment. */
  readonly meanwhile?: () => void;
}

/** A storage in memory that can fail. A path with `*` at its end is a pattern. */
export class MemoryStorage implements FileStorage {
  readonly files: Map<string, MemoryFile>;
  /** Where files were opened, in order. */
  readonly offsets: number[] = [];
  /** Transfers that have not ended. */
  transfers = 0;
  /** Bytes that were taken. */
  taken = 0;
  closed = 0;
  readonly #faults: Fault[];
  readonly #chunkBytes: number;

  constructor(
    files: Readonly<Record<string, MemoryFile | string>>,
    { faults = [], chunkBytes = 64 * 1024 }: { readonly faults?: readonly Fault[]; readonly chunkBytes?: number } = {},
  ) {
    this.files = new Map(
      Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? { data: file } : file]),
    );
    this.#faults = [...faults];
    this.#chunkBytes = chunkBytes;
  }

  absolutePath(path: string): string {
    return `memory:${path}`;
  }

  async find(path: string): Promise<readonly StoredFile[]> {
    const matches = (name: string) => (path.endsWith('*') ? name.startsWith(path.slice(0, -1)) : name === path);
    const found = [...this.files.keys()].filter(matches).sort();
    if (found.length === 0) throw new AppError('SourceRefused', { message: `there is no file "${path}"` });
    return found.map((name) => this.#stored(name));
  }

  async open({ path }: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    signal.throwIfAborted();
    this.offsets.push(offset);
    if (this.#faults[0]?.at === 'open') {
      const { error, meanwhile } = this.#faults.shift() as Fault;
      meanwhile?.();
      if (error !== undefined) throw error;
    }
    const content = this.#transfer(Buffer.from(this.#file(path).data as Uint8Array), offset);
    this.transfers += 1;
    content.on('close', () => {
      this.transfers -= 1;
    });
    return { file: this.#stored(path), content };
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  /** A chunk is there only after the one before it was taken. */
  #transfer(bytes: Buffer, offset: number): Readable {
    let at = offset;
    const read = (transfer: Readable) => {
      const fault = this.#faults[0];
      if (fault?.at === at) return this.#fail(transfer);
      if (at >= bytes.length) return transfer.push(null);
      const end = at + this.#chunkBytes;
      const chunk = bytes.subarray(at, typeof fault?.at === 'number' && fault.at > at ? Math.min(fault.at, end) : end);
      at += chunk.length;
      this.taken += chunk.length;
      return transfer.push(chunk);
    };
    return new Readable({
      highWaterMark: 1,
      read() {
        setImmediate(read, this);
      },
    });
  }

  #fail(transfer: Readable): void {
    const { error, meanwhile } = this.#faults.shift() as Fault;
    meanwhile?.();
    if (error !== undefined) transfer.destroy(error);
  }

  #file(path: string): MemoryFile {
    const file = this.files.get(path);
    if (file === undefined) throw new AppError('SourceRefused', { message: `there is no file "${path}"` });
    return file;
  }

  #stored(path: string): StoredFile {
    const { data, modifiedAt = null, version = null } = this.#file(path);
    return { path, size: Buffer.byteLength(data), modifiedAt, version };
  }
}
