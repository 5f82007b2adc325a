import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@penstock/domain';
import { unavailable } from './file-errors.js';
import { type FileStorage, nameOf, type StoredFile } from './file-storage.js';

/** How long an interrupted read is tried again. */
export interface Patience {
  /** Greatest number of attempts in a row that bring no progress. */
  readonly attempts: number;
  /** Wait before the second attempt; it doubles with every further one. Waits are shortened by up to a half, at random. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A storage that asks for a longer wait is not tried again. */
  readonly longestAskedWaitMs: number;
  /** Bytes after which attempts are counted anew. */
  readonly progressBytes: number;
}

export const PATIENCE: Patience = {
  attempts: 5,
  firstWaitMs: 1_000,
  longestWaitMs: 10_000,
  longestAskedWaitMs: 60_000,
  progressBytes: 1024 * 1024,
};

export interface ResumingStream {
  /** All bytes of the file, once. Errors are AppErrors; an aborted signal ends it at once with its reason. */
  readonly content: AsyncIterable<Uint8Array>;
  /** What is known of the file: since the first byte, what the storage said when it was opened. */
  readonly file: StoredFile;
}

/** Reads a file of a storage from its beginning to its end, and goes on where an interruption ended the transfer. */
export function resumingStream(
  storage: FileStorage,
  file: StoredFile,
  { signal, patience = PATIENCE }: { readonly signal: AbortSignal; readonly patience?: Patience },
): ResumingStream {
  return new Resumption(storage, file, { signal, patience });
}

class Resumption implements ResumingStream {
  readonly content = this.#read();
  readonly #storage: FileStorage;
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  #file: StoredFile;
  #opened = false;
  #delivered = 0;
  /** Attempts since the last progress, and where that was. */
  #attempts = 0;
  #progressAt = 0;

  constructor(
    storage: FileStorage,
    file: StoredFile,
    { signal, patience }: { readonly signal: AbortSignal; readonly patience: Patience },
  ) {
    this.#storage = storage;
    this.#file = file;
    this.#signal = signal;
    this.#patience = patience;
  }

  get file(): StoredFile {
    return this.#file;
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      try {
        yield* this.#attempt();
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        await this.#waitAfter(unavailable(nameOf(this.#file), error));
      }
    }
  }

  /** One transfer, from the first byte that is missing. */
  async *#attempt(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#signal.throwIfAborted();
    const content = await this.#open();
    const abort = () => content.destroy(this.#signal.reason);
    this.#signal.addEventListener('abort', abort, { once: true });
    try {
      if (this.#signal.aborted) abort();
      for await (const chunk of content as AsyncIterable<Uint8Array>) {
        this.#delivered += chunk.length;
        yield chunk;
      }
    } finally {
      this.#signal.removeEventListener('abort', abort);
      await closed(content);
    }
  }

  async #open(): Promise<Readable> {
    const { file, content } = await this.#storage.open(this.#file, this.#delivered, this.#signal);
    // One that fails before it is read must not end the process.
    content.on('error', () => undefined);
    if (this.#opened && this.#delivered > 0 && hasChanged(this.#file, file)) {
      await closed(content);
      throw changed(nameOf(file));
    }
    this.#file = file;
    this.#opened = true;
    return content;
  }

  /** Waits before the next attempt, or throws the error where there is to be none. */
  async #waitAfter(error: unknown): Promise<void> {
    const { attempts, longestAskedWaitMs, progressBytes } = this.#patience;
    if (!mayPass(error)) throw error;
    if (this.#delivered - this.#progressAt >= progressBytes) {
      this.#attempts = 0;
      this.#progressAt = this.#delivered;
    }
    this.#attempts += 1;
    const asked = askedWaitMs(error);
    if (this.#attempts >= attempts || asked > longestAskedWaitMs) throw error;
    const waitMs = Math.max(asked, this.#ownWaitMs());
    await wait(waitMs, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted());
  }

  #ownWaitMs(): number {
    const { firstWaitMs, longestWaitMs } = this.#patience;
    const longest = Math.min(firstWaitMs * 2 ** (this.#attempts - 1), longestWaitMs);
    return longest * (1 - Math.random() / 2);
  }
}

/** Only after the transfer has ended may the storage be closed. */
async function closed(content: Readable): Promise<void> {
  if (content.closed) return;
  content.destroy();
  await once(content, 'close').catch(() => undefined);
}

function mayPass(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'SourceUnavailable' && detail(error, 'changed') !== true;
}

/** How long the storage wants to be left alone, in milliseconds. */
function askedWaitMs(error: AppError): number {
  const asked = detail(error, 'retryAfterMs');
  return typeof asked === 'number' && asked > 0 ? asked : 0;
}

function detail({ details }: AppError, name: string): unknown {
  return details === undefined || Array.isArray(details) ? undefined : (details as Record<string, unknown>)[name];
}

function hasChanged(before: StoredFile, now: StoredFile): boolean {
  return before.version !== null && now.version !== null && before.version !== now.version;
}

/** The file is another one than that whose first bytes were delivered. */
export function changed(path: string): AppError {
  const message = `file "${path}": the file changed while it was read; run again when it is complete`;
  return new AppError('SourceUnavailable', { message, details: { changed: true } });
}
