import type { DatabaseError } from 'pg';
import { rowStarts } from './row-starts.js';

/** Rows of a binary COPY: where each begins, and where the last one ends. */
interface RowSpans {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

export interface CopyAround {
  /** Runs a COPY of some rows, all or nothing. */
  readonly copy: (rows: Buffer) => Promise<void>;
  /** What the server said when a row is at fault; undefined when it is the statement, the session or the server. */
  readonly rowError: (error: unknown) => DatabaseError | undefined;
  /** Gets the bytes of a row that is refused by itself. */
  readonly onRefused: (row: Buffer, error: DatabaseError) => void;
}

/**
 * Copies rows of which some are refused: halves what was refused until the row that is at fault is alone. The server says
 * which line it stopped at; where it does (it may speak another language), the rows before it and the row itself are tried
 * next, which takes a few COPYs instead of thirty. Returns how many rows were accepted. Throws what is no row's fault.
 */
export async function copyAroundRefused(bytes: Buffer, around: CopyAround, error: unknown): Promise<number> {
  const rows = { bytes, starts: rowStarts(bytes) };
  return split(rows, { from: 0, to: rows.starts.length - 1 }, around, error);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

async function split(rows: RowSpans, range: Range, around: CopyAround, error: unknown): Promise<number> {
  const said = around.rowError(error);
  if (said === undefined) throw error;
  if (range.to - range.from === 1) {
    around.onRefused(bytesOf(rows, range), said);
    return 0;
  }
  let accepted = 0;
  for (const part of partsOf(range, lineOf(said))) accepted += await copyPart(rows, part, around);
  return accepted;
}

async function copyPart(rows: RowSpans, range: Range, around: CopyAround): Promise<number> {
  try {
    await around.copy(bytesOf(rows, range));
    return range.to - range.from;
  } catch (error) {
    return split(rows, range, around, error);
  }
}

/** Never the whole range again, so that it ends. The rest behind a refused row is halved: it may hold many more. */
function partsOf({ from, to }: Range, line: number | undefined): Range[] {
  if (line === undefined || line > to - from) return halves(from, to);
  const refused = from + line - 1;
  const parts = [{ from, to: refused }, { from: refused, to: refused + 1 }, ...halves(refused + 1, to)];
  return parts.filter((part) => part.from < part.to);
}

function halves(from: number, to: number): Range[] {
  const middle = (from + to + 1) >> 1;
  return [
    { from, to: middle },
    { from: middle, to },
  ].filter((part) => part.from < part.to);
}

function lineOf({ where = '' }: DatabaseError): number | undefined {
  const line = /\bline (\d+)/.exec(where)?.[1];
  return line === undefined || line === '0' ? undefined : Number(line);
}

function bytesOf({ bytes, starts }: RowSpans, { from, to }: Range): Buffer {
  return bytes.subarray(starts[from], starts[to]);
}
