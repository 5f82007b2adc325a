import type { RecordFailure } from '@penstock/domain';
import type { Type, Value, ValueFailure } from '@penstock/language';

/** One field as the source delivers it, before it is decoded; `null` is absent. */
export type RawField = string | null;

/** A record by column position, before it is decoded. */
export type RawRow = readonly RawField[];

export interface SourceColumn {
  readonly name: string;
  /** What the source says that the column holds. */
  readonly type: Type;
  /**
   * Turns a field that is not null into the canonical value of `type`. What the source can hold but the type cannot
   * (an infinite date, a date before the year 1) is a {@link ValueFailure}. Absent where the raw text is the value.
   */
  readonly decode?: (field: string) => Value | ValueFailure;
}

/** What moves through the steps at once; bounded by rows and by bytes. */
export interface SourceBatch {
  readonly rows: readonly RawRow[];
  /** Records that could not even be read; counted as failed at Receive. */
  readonly unreadable: readonly RecordFailure[];
}

/** The point from which an incremental import reads. */
export interface ReadFrom {
  /** Canonical datetime or date; inclusive. */
  readonly updatedAt: string;
  readonly kind: 'datetime' | 'date';
  /** The same point as the texts of the column write it, rounded down; absent where the column is not text. */
  readonly text?: string;
}

export interface ReadRequest {
  readonly query: string;
  /** null reads everything. */
  readonly from: ReadFrom | null;
}

/**
 * A source that is being read. Contract: the read changes nothing at the source and holds a bounded amount of memory,
 * whatever the size of the source; `batches` can be iterated once and ends only after the last record: a read that is cut
 * short throws. An aborted signal ends a blocked read within a second. `close` is idempotent and never throws.
 */
export interface SourceReader {
  readonly columns: readonly SourceColumn[];
  batches(): AsyncIterable<SourceBatch>;
  close(): Promise<void>;
}

/**
 * Something users are imported from. `open` throws AppError `SourceUnavailable` where trying again may help and
 * `SourceRefused` where somebody has to change something, with a text that says what.
 */
export interface Source {
  open(request: ReadRequest, signal: AbortSignal): Promise<SourceReader>;
}
