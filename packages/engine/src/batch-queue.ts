import type { RecordFailure } from '@penstock/domain';
import type { RawRow, SourceBatch } from './source.js';

/**
 * A batch is complete with this many rows, or this many bytes of text. Small, because what waits in batches survives the young
 * generation of the heap and has to be copied: with 5,000 rows a third of the processor went into garbage collection.
 */
const BATCH_ROWS = 500;
const BATCH_BYTES = 1024 * 1024;
/** Complete batches that may wait; one more is being filled. */
const MAX_WAITING_BATCHES = 2;
/** A source that is slow delivers what it has after this time, so that the progress of its run can be seen. */
const FLUSH_MS = 1_000;

interface Waiter {
  readonly resolve: (batch: SourceBatch | null) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Between a socket that delivers rows and a consumer that takes batches. Holds a bounded number of them. */
export class BatchQueue {
  readonly #complete: SourceBatch[] = [];
  #rows: RawRow[] = [];
  #unreadable: RecordFailure[] = [];
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #waiter: Waiter | null = null;

  /** Nothing more should be added before something has been taken. */
  get full(): boolean {
    return this.#complete.length >= MAX_WAITING_BATCHES;
  }

  addRow(row: RawRow, bytes: number): void {
    this.#rows.push(row);
    this.#bytes += bytes;
    if (this.#rows.length >= BATCH_ROWS || this.#bytes >= BATCH_BYTES) this.#completeBatch();
  }

  addUnreadable(failure: RecordFailure): void {
    this.#unreadable.push(failure);
    if (this.#unreadable.length >= BATCH_ROWS) this.#completeBatch();
  }

  /** Everything has been added. */
  end(): void {
    this.#ended = true;
    this.#completeBatch();
    if (this.#waiter !== null) this.#settle((waiter) => waiter.resolve(null));
  }

  /** The next `take` throws, and what was added is dropped: nobody goes on with half a source. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#complete.length = 0;
    this.#reset();
    if (this.#waiter !== null) this.#settle((waiter) => waiter.reject(error));
  }

  /** The next batch; null after the last. */
  take(): Promise<SourceBatch | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    const batch = this.#complete.shift();
    if (batch !== undefined) return Promise.resolve(batch);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => this.#completeBatch(), FLUSH_MS);
      this.#waiter = { resolve, reject, timer };
    });
  }

  #completeBatch(): void {
    if (this.#rows.length === 0 && this.#unreadable.length === 0) return;
    const batch: SourceBatch = { rows: this.#rows, unreadable: this.#unreadable };
    this.#reset();
    if (this.#waiter === null) this.#complete.push(batch);
    else this.#settle((waiter) => waiter.resolve(batch));
  }

  #settle(settle: (waiter: Waiter) => void): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    clearInterval(waiter.timer);
    settle(waiter);
  }

  #reset(): void {
    this.#rows = [];
    this.#unreadable = [];
    this.#bytes = 0;
  }
}
