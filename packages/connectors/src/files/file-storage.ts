import type { FileHandle } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import type { DestinationOwner } from '@penstock/engine';

/** What an operator allows connectors of files, and where they may put what does not fit into memory. */
export interface FileAccess {
  /** Directory below which the connector `filesystem` reads, absolute; null: there is none, and that connector refuses. */
  readonly filesystemRoot: string | null;
  /** Whether HTTP, S3 and SFTP may connect to addresses of private networks and of this machine. */
  readonly allowPrivateNetworks: boolean;
  /** Greatest size of a file in bytes, decompressed. */
  readonly maxFileBytes: number;
}

/** What a storage says about a file. */
export interface StoredFile {
  /** The path to open it with. */
  readonly path: string;
  /** What messages call it, where the path may hold a secret. */
  readonly name?: string;
  /** In bytes, as stored; null where the storage does not say. */
  readonly size: number | null;
  /** null where the storage does not say. */
  readonly modifiedAt: Date | null;
  /** Another text when the content has changed: an ETag, or size and time; null where the storage does not say. */
  readonly version: string | null;
}

/** A file that is being read. */
export interface OpenedFile {
  /** What is known now that it is open. */
  readonly file: StoredFile;
  /**
   * The bytes from the offset on. It ends only after the last byte: a read that is cut short is an error. Destroying it ends
   * the transfer.
   */
  readonly content: Readable;
}

/** What is about to be written. */
export interface NewFile {
  readonly path: string;
  /** `text/csv; charset=utf-8` */
  readonly contentType: string;
  /** Whose it is: what this pipeline left unfinished before is found by it. */
  readonly owner: DestinationOwner;
}

/**
 * A file that is being written. `content` takes the bytes, with back-pressure; its errors are those of the storage. Nobody sees the file
 * before `commit`, which is called when all bytes have been taken, at most once, and replaces what was there in one step. `discard` removes
 * what was written, also after a commit that failed; it is idempotent and never throws.
 */
export interface FileUpload {
  readonly content: Writable;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * A place with files, to be read, or to be written. All errors are AppErrors for the user: `SourceUnavailable` where trying again may help,
 * `SourceRefused` where somebody has to change something (no such file, no permission), `InvalidPath`. They never hold a secret.
 */
export interface FileStorage {
  /** The whole address of a path, for people: `s3://bucket/key`. Throws InvalidPath. */
  absolutePath(path: string): string;
  /**
   * The files that a path stands for: the file itself or, of a pattern, all that match in the order of their paths; at least
   * one. Throws SourceRefused when there is none.
   */
  find(path: string, signal: AbortSignal): Promise<readonly StoredFile[]>;
  /**
   * Opens a file at an offset. With an offset the storage must make sure that the file is still the same `version`; otherwise it
   * throws SourceUnavailable. Does not retry: its caller does. An aborted signal ends it, and the transfer, within a second.
   */
  open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile>;
  /** The file itself, open, where it is on this machine; whoever asks for it closes it. Absent in storages that are elsewhere. */
  openLocal?(file: StoredFile, signal: AbortSignal): Promise<FileHandle>;
  /**
   * Begins a file; absent where files can only be read. First it removes what this pipeline's earlier attempts left unfinished in the same directory,
   * or, where there are none, under the same path, so that they cannot be committed any more. Throws FenceLostError when there is something of a
   * later attempt. Its errors, and those of what it returns: `DestinationUnavailable`, `DestinationRefused`, `InvalidPath`. An aborted
   * signal ends it, and the transfer, within a second.
   */
  create?(file: NewFile, signal: AbortSignal): Promise<FileUpload>;
  /** Idempotent, never throws. */
  close(): Promise<void>;
}

/** What messages call a file. */
export function nameOf({ path, name = path }: StoredFile): string {
  return name;
}
