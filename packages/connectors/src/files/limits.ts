/** A batch is complete with this many records, or this many bytes: see the queue of PostgreSQL for why so few. */
export const BATCH_ROWS = 500;
export const BATCH_BYTES = 1024 * 1024;

/** Bytes of the largest record that is read. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Columns that a file can have. */
export const MAX_FILE_COLUMNS = 2_000;

/** Files that a pattern may match. */
export const MAX_MATCHED_FILES = 10_000;
