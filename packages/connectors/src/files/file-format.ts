import type { Readable, Writable } from 'node:stream';
import type { DestinationColumn, DestinationRow, SourceBatch, SourceColumn } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';

/** A file on this machine that can be read anywhere. */
export interface LocalFile {
  readonly size: number;
  /** The bytes at a position; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  /** The bytes from `start` to before `end`. */
  stream(start: number, end: number): Readable;
}

/** The decompressed content of a file. One of the two is called, once. */
export interface FileContent {
  /** All bytes in their order, with back-pressure. Errors of the storage and of the decompression come through it. */
  stream(): AsyncIterable<Uint8Array>;
  /** The content as a file, for formats that do not read from the beginning to the end. */
  local(): Promise<LocalFile>;
}

/** A column as a file says it. */
export interface FileColumn extends SourceColumn {
  /** Whether a record may have null there. */
  readonly nullable?: boolean;
  /** Whether a record may lack it. */
  readonly readOptional?: boolean;
  /** What the file calls it, where that is no property name. */
  readonly description?: string;
}

export interface FormatRequest {
  /** null where the format has no sheets. */
  readonly sheet: string | null;
  /**
   * The schema that the pipeline was defined with: a format whose files do not say which columns they have takes them from
   * there, and the others may leave out what it does not name. null in a preview, where the columns are to be found out.
   */
  readonly expected: ObjectType | null;
}

/** A file that is being read. Contract as that of SourceReader. */
export interface FileReader {
  readonly columns: readonly FileColumn[];
  /** Columns that are left out, and why; what was guessed. */
  readonly issues: readonly string[];
  /** Batches of at most 500 records and about 1 MiB, whose memory is bounded whatever the file holds. */
  batches(): AsyncIterable<SourceBatch>;
  /** Idempotent, never throws. */
  close(): Promise<void>;
}

export interface FormatWriteRequest {
  /** null where the format has no sheets. */
  readonly sheet: string | null;
  readonly columns: readonly DestinationColumn[];
}

/**
 * Writes the content of one file into a stream, which it neither ends nor destroys. `write` resolves when the stream wants more; values are
 * canonical, null where there is none. `end` writes what a file needs after its last record, also of a file without records. Memory is bounded,
 * whatever the number of records. A value that the format cannot hold throws AppError `DestinationRefused` that names the column.
 */
export interface FormatWriter {
  write(rows: readonly DestinationRow[]): Promise<void>;
  end(): Promise<void>;
}

/** How files of one format are written, with given settings. */
export interface FileWriterFormat {
  readonly contentType: string;
  open(out: Writable, request: FormatWriteRequest): FormatWriter;
}

/**
 * How files of one format are read, with given settings. It knows nothing of paths: whoever calls it adds the path to its errors.
 * `open` and `batches` throw AppError `InvalidFile` (with line, record or cell where possible) for what is no such file or is
 * corrupt or cut off, `NoColumnsFound`, `SheetNotExist`; a single record that is wrong is one of `unreadable`. What the content
 * throws passes through. An aborted signal ends a read within a second.
 */
export interface FileFormat {
  open(content: FileContent, request: FormatRequest, signal: AbortSignal): Promise<FileReader>;
  /** The names of the sheets in their order, where the format has them. */
  sheets?(content: FileContent, signal: AbortSignal): Promise<readonly string[]>;
}
