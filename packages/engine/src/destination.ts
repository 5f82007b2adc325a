import type { Type, Value } from '@penstock/language';

/** Which attempt of which run writes. */
export interface DestinationOwner {
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
}

/** A column that is written: a top-level property of the out schema, of files of the in schema. */
export interface DestinationColumn {
  readonly name: string;
  readonly type: Type;
}

/** Canonical values by column position. */
export type DestinationRow = readonly Value[];

/** A record that the destination refused, by the number that it was staged with. */
export interface RefusedRecord {
  readonly sequence: number;
  /** The destination's words, without the record's values. */
  readonly message: string;
}

/** Rows that were written, or refused, together. */
export interface WrittenBatch {
  /** How many were written. */
  readonly written: number;
  readonly refused: readonly RefusedRecord[];
}

/** What is written to a table. */
export interface TableRequest {
  readonly owner: DestinationOwner;
  readonly columns: readonly DestinationColumn[];
}

/** Inserts rows of which no two have the same key, and of whose keys the table has none as a rule, without staging them before. */
export interface TableInsertion {
  /**
   * Takes rows over, also while a `flush` is under way; their numbers are consecutive from the first one's. Returns whether they are enough to be
   * inserted.
   */
  add(rows: readonly DestinationRow[], firstSequence: number): boolean;
  /**
   * Inserts what was added since the last time, in a transaction of its own: how many rows. Null where the table has one of the keys, or a row is
   * at fault: nothing was written then, and all of it is staged, for `write`. One at a time.
   */
  flush(): Promise<number | null>;
}

/**
 * A table of a database that an attempt writes to. Contract:
 * - Nothing can be seen in the table before `write`, or `flush` of an insertion. What is staged is temporary and ends with the session.
 * - `stage` holds its caller back when the database is slower. Rows that cannot be kept as the table's columns are fail alone: they
 *   are in `refused` of the next `write`, which begins with them.
 * - `write` merges what was staged since the last time by the key column, in batches of at most 10,000 rows in a transaction each: a row whose key the
 *   table has replaces the values of the written columns and leaves the others; the rest is inserted. A batch that is refused is
 *   bisected, so that a bad row fails alone. It yields after each commit. What was staged has no key twice then.
 *   A row with another key that the table takes for the same is never replaced: the staged one is refused. Once more than 1,000 rows were
 *   refused, it need not find out about the others of the batch.
 * - `insertion` writes rows that need not be staged; see {@link TableInsertion}. Absent where it would not be faster.
 * - `remove` deletes the rows with the very keys, in batches; keys that the table does not have are passed over.
 * - A lost connection ends the attempt: it never reconnects and goes on. An aborted signal does the same within a second.
 * - Errors: AppError `DestinationUnavailable` where trying again may help, `DestinationRefused` where somebody has to change
 *   something.
 * - `close` is idempotent and never throws.
 */
export interface TableWriter {
  /** Whether keys that differ are different rows for certain: texts of a database may be equal that are not. */
  readonly tellsKeysApart: boolean;
  /** The numbers of the rows are consecutive from the first one's. */
  stage(rows: readonly DestinationRow[], firstSequence: number): Promise<void>;
  /** Takes rows out again, by number, in any order. All calls come before `write`. */
  exclude(sequences: readonly number[]): Promise<void>;
  write(): AsyncIterable<WrittenBatch>;
  readonly insertion?: TableInsertion;
  /** `keys` are canonical values of the key column. Yields how many rows were deleted of each batch. */
  remove(keys: readonly Value[]): AsyncIterable<number>;
  close(): Promise<void>;
}

/**
 * A table of a database that profiles are exported to. `open` ends the sessions of earlier attempts of the pipeline and makes sure
 * that no attempt with a lower (run, epoch) can begin to write afterwards; should a later one be there, it throws FenceLostError. Then it
 * checks the table before anything is written: throws AppError `SchemaDrift` when a column does not exist, has another type, cannot be
 * written, or when the table requires one that is not written; and when no unique index is on the key column alone.
 */
export interface TableDestination {
  /** Checks the table as `open` does, and nothing else: for dry runs. */
  check(columns: readonly DestinationColumn[], signal: AbortSignal): Promise<void>;
  open(request: TableRequest, signal: AbortSignal): Promise<TableWriter>;
}

/** What is written into a file. */
export interface FileRequest {
  readonly owner: DestinationOwner;
  readonly columns: readonly DestinationColumn[];
  /** Time of the run, which the placeholders of the path show in UTC. */
  readonly startTime: Date;
}

/**
 * A file that is being written. Contract: nobody sees the file, or a part of it, before `commit`, and what was there before stays until
 * then and for good when there is none. `write` holds its caller back when the storage is slower. `close` without a commit
 * removes what was written; it is idempotent and never throws. Errors as those of a table.
 */
export interface FileWriter {
  write(rows: readonly DestinationRow[]): Promise<void>;
  commit(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file that profiles are exported to. `open` removes what earlier attempts of the run left, so that they cannot commit any more, and what it
 * finds beside the file of earlier runs of the pipeline. Throws FenceLostError when it finds something of a later attempt.
 */
export interface FileDestination {
  open(request: FileRequest, signal: AbortSignal): Promise<FileWriter>;
}

/** What is done with a user of an application. */
export type ApplicationOperation = 'create' | 'update';

/** A user to be created or updated. */
export interface OutgoingRecord {
  /** The application's own identifier of the user; null creates. */
  readonly externalId: string | null;
  /** Value by property name; absent ones are left as they are. */
  readonly attributes: Readonly<Record<string, Value>>;
  /** The same for the same change of the same record, in every attempt: the application, where it can, does it once. */
  readonly idempotencyKey: string;
}

/** What became of a record that was handed to an application. */
export type RecordOutcome =
  | { readonly kind: 'accepted' /** null where the application does not tell. */; readonly externalId: string | null }
  /** Said for good: another try would end the same. `message` has no values of the record. */
  | { readonly kind: 'rejected'; readonly message: string };

/** A user of an application, as far as matching needs it. */
export interface ApplicationUser {
  readonly externalId: string;
  /** Canonical text of the matching property; null where the user has no value that matches anything. */
  readonly matching: string | null;
}

export interface ApplicationRequest {
  readonly owner: DestinationOwner;
  /** JSON schema of the properties that are written, with the matching one. */
  readonly columns: readonly DestinationColumn[];
}

/**
 * An application that is being written to. Contract:
 * - `users` delivers all users, with their values of a property, page by page; throws AppError when a page is not what was asked for.
 * - `write` takes records of one operation, at most `batchSize` of them, and answers with an outcome for each, by position. It keeps
 *   the application's rate limit, retries what is worth it within bounds, and throws AppError `DestinationUnavailable` when the
 *   application cannot be reached, `DestinationRefused` when it accepts nothing of the kind: then none of the records counts as written.
 * - Several calls may be under way at the same time, up to `concurrency`.
 * - `remove` deletes users by identifier; absent where the application cannot.
 * - An aborted signal ends whatever is under way within a second. `close` is idempotent and never throws.
 */
export interface ApplicationWriter {
  /** Whether it can tell which users there are: without that nobody can be updated, and `users` delivers nobody. */
  readonly knowsUsers: boolean;
  readonly batchSize: number;
  readonly concurrency: number;
  users(matching: DestinationColumn): AsyncIterable<readonly ApplicationUser[]>;
  write(operation: ApplicationOperation, records: readonly OutgoingRecord[]): Promise<readonly RecordOutcome[]>;
  remove?(externalIds: readonly string[]): Promise<readonly RecordOutcome[]>;
  close(): Promise<void>;
}

/**
 * An application that profiles are exported to. `open` checks what is written against what the application has now: throws AppError
 * `SchemaDrift`, and the errors of its writer.
 */
export interface ApplicationDestination {
  open(request: ApplicationRequest, signal: AbortSignal): Promise<ApplicationWriter>;
}

/** Where profiles go. */
export type Destination =
  | { readonly to: 'table'; readonly table: TableDestination }
  | { readonly to: 'file'; readonly file: FileDestination }
  | { readonly to: 'application'; readonly application: ApplicationDestination };
