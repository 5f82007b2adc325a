import type { Reject, RejectSink } from '@penstock/engine';
import { type Database, type Logger, type Secrets, withDeadline } from '@penstock/shared/platform';
import { keepRejects, type SealedReject, sealReject } from '@penstock/shared/repositories';
import type { RunOwner } from '@penstock/shared/use-cases';
import { cutRecord } from './cut-record.js';

/** What an operator can set about rejects. */
export interface RejectLimits {
  /** How many an attempt keeps; 0 keeps none. */
  readonly perRun: number;
  readonly keptDays: number;
}

export interface RejectLogOptions {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly limits: RejectLimits;
}

/** Bytes of the text of one record, and of those of all records of an attempt. */
const MAX_RECORD_BYTES = 16 * 1024;
const MAX_TOTAL_BYTES = 8 * 1024 * 1024;
/** An identifier that is valid is never cut. */
const MAX_KEY_LENGTH = 1_024;
const MAX_MESSAGE_LENGTH = 2_000;
/** A statement writes so many. */
const BATCH = 100;

/**
 * The rejects of an attempt on their way to the control database: encrypted at once, written in the background. Keeping them is
 * best effort: an outage delays them, never the run, and what waits is bounded by what is kept at all.
 */
export class RejectLog implements RejectSink {
  private readonly owner: RunOwner;
  private readonly options: RejectLogOptions;
  private readonly waiting: SealedReject[] = [];
  private taken = 0;
  private bytes = 0;
  private closed = false;
  private voiding = false;
  private writing: Promise<void> | undefined;

  constructor(owner: RunOwner, options: RejectLogOptions) {
    this.owner = owner;
    this.options = options;
  }

  get isFull(): boolean {
    return this.closed || this.taken >= this.options.limits.perRun;
  }

  add({ step, code, message, key, record }: Reject): void {
    if (this.isFull) return;
    const kept = record === null ? { record, cut: false } : cutRecord(record, MAX_RECORD_BYTES);
    this.bytes += Buffer.byteLength(kept.record ?? '');
    if (this.bytes > MAX_TOTAL_BYTES) {
      this.closed = true;
      return;
    }
    const texts = {
      key: key?.slice(0, MAX_KEY_LENGTH).toWellFormed() ?? null,
      message: message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed(),
    };
    this.taken += 1;
    const content = sealReject(this.options.secrets, { ...texts, ...kept });
    this.waiting.push({ position: this.taken, step, code, content });
  }

  /** No attempt before this one has published: their rejects go with the next write, also when there is nothing to write. */
  voidEarlier(): void {
    this.voiding = true;
  }

  /** Writes what waits, for at most `patienceMs`; the rest waits for the next time. Never rejects. */
  async flush(patienceMs: number): Promise<void> {
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
    await withDeadline(patienceMs, this.writing).catch(() => undefined);
  }

  private async write(): Promise<void> {
    try {
      while (this.voiding || this.waiting.length > 0) await this.writeBatch();
    } catch (error) {
      this.options.logger.warn('rejects could not be written; it is tried again', { error });
    }
  }

  private async writeBatch(): Promise<void> {
    const batch = this.waiting.slice(0, BATCH);
    const owned = await keepRejects(this.options.database, this.owner, batch);
    this.voiding = false;
    if (owned) {
      this.waiting.splice(0, batch.length);
      return;
    }
    this.closed = true;
    this.waiting.length = 0;
  }
}
