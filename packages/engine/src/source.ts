import type { RecordFailure } from '@penstock/domain';
import type { Type, Value, ValueFailure } from '@penstock/language';

/**
 * One field as the source delivers it: text for the decoder of its column, or without a decoder the canonical value itself or
 * why there is none. `undefined` is a property that the record lacks.
 */
export type RawField = Value | ValueFailure | undefined;

/** A record by column position, before it is decoded. */
export type RawRow = readonly RawField[];

export interface SourceColumn {
  readonly name: string;
  /** What the source says that the column holds. */
  readonly type: Type;
  /**
   * Turns the text of a field into the canonical value of `type`. What the source can hold but the type cannot (an infinite
   * date, a date before the year 1) is a {@link ValueFailure}. Absent where fields are values already.
   */
  readonly decode?: (field: string) => Value | ValueFailure;
}

/** A record of which not even the fields are known. */
export interface UnreadableRecord extends RecordFailure {
  /** Makes the JSON text of an object that shows what there was, and where; only called where the reject is kept. */
  readonly record?: () => string;
}

/** What moves through the steps at once; bounded by rows and by bytes. */
export interface SourceBatch {
  readonly rows: readonly RawRow[];
  /** Records that could not even be read; counted as failed at Receive. */
  readonly unreadable: readonly UnreadableRecord[];
  /** Update time of the records that have none of their own, as canonical datetime: that of their file. */
  readonly updatedAt?: string;
}

/** The point from which an incremental import reads. */
export interface ReadFrom {
  /** Canonical datetime or date; inclusive. */
  readonly updatedAt: string;
  readonly kind: 'datetime' | 'date';
  /** The same point as the texts of the column write it, rounded down; absent where the column is not text. */
  readonly text?: string;
}

/**
 * A source that is being read. Contract: the read changes nothing at the source and holds a bounded amount of memory,
 * whatever the size of the source; `batches` can be iterated once and ends only after the last record: a read that is cut
 * short throws. An aborted signal ends a blocked read within a second. `close` is idempotent and never throws.
 */
export interface SourceReader {
  /** What messages call what is read, where it has a name: `file "a.csv"`. */
  readonly subject?: string;
  readonly columns: readonly SourceColumn[];
  batches(): AsyncIterable<SourceBatch>;
  close(): Promise<void>;
}

/**
 * Something users are imported from: a query, or files, which it was made for. `open` reads from a point on, null reads
 * everything; a source that cannot tell delivers everything either way. `onProgress` is called whenever something was transferred that is
 * not seen as a batch: a file that is copied before it can be read. It throws AppError `SourceUnavailable` where trying again may help and
 * `SourceRefused` where somebody has to change something, with a text that says what.
 */
export interface Source {
  open(from: ReadFrom | null, signal: AbortSignal, onProgress?: () => void): Promise<SourceReader>;
}
