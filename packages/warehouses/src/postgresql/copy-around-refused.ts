import { copyAroundRefused as copyAround } from '@penstock/postgresql';
import type { DatabaseError } from 'pg';
import { databaseError, isRowError, serverWords } from './database-error.js';

export interface RefusedRow {
  readonly userId: string;
  /** The server's words, without values. */
  readonly reason: string;
  /** Column that the server named. */
  readonly column: string | undefined;
}

export interface CopyAround {
  /** Runs a COPY of some rows, all or nothing. */
  readonly copy: (rows: Buffer) => Promise<void>;
  readonly onRefused: (row: RefusedRow) => void;
}

/** Copies staged rows of which some are refused, which are told by their user id. Returns how many rows were accepted. */
export async function copyAroundRefused(bytes: Buffer, around: CopyAround, error: unknown): Promise<number> {
  const { copy, onRefused } = around;
  return copyAround(bytes, { copy, rowError, onRefused: (row, said) => onRefused(refusedRow(row, said)) }, error);
}

function rowError(error: unknown): DatabaseError | undefined {
  return isRowError(error) ? databaseError(error) : undefined;
}

function refusedRow(row: Buffer, said: DatabaseError): RefusedRow {
  // Number of fields (2 bytes), length of the first (4 bytes), the user id.
  const userId = row.toString('utf8', 6, 6 + row.readInt32BE(2));
  const column = /, column (.+)$/.exec(said.where ?? '')?.[1];
  return { userId, reason: serverWords(said), column };
}
