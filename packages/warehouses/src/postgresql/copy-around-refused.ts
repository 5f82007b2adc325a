import { databaseError, isRowError, serverWords } from './database-error.js';

/** Rows of a binary COPY: where each begins, and where the last one ends. */
interface RowSpans {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

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

/**
 * Copies rows of which some are refused: halves what was refused until the row that is at fault is alone. The server says
 * which line it stopped at; where it does (it may speak another language), the rows before it and the row itself are tried
 * next, which takes a few COPYs instead of thirty. Returns how many rows were accepted.
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
  if (range.to - range.from === 1) {
    around.onRefused(refusedRow(rows, range.from, error));
    return 0;
  }
  let accepted = 0;
  for (const part of partsOf(range, lineOf(error))) accepted += await copyPart(rows, part, around);
  return accepted;
}

async function copyPart(rows: RowSpans, range: Range, around: CopyAround): Promise<number> {
  try {
    await around.copy(rows.bytes.subarray(rows.starts[range.from], rows.starts[range.to]));
    return range.to - range.from;
  } catch (error) {
    if (!isRowError(error)) throw error;
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

function lineOf(error: unknown): number | undefined {
  const line = /\bline (\d+)/.exec(databaseError(error)?.where ?? '')?.[1];
  return line === undefined || line === '0' ? undefined : Number(line);
}

function refusedRow({ bytes, starts }: RowSpans, row: number, error: unknown): RefusedRow {
  const said = databaseError(error);
  // Number of fields (2 bytes), length of the first (4 bytes), the user id.
  const start = (starts[row] ?? 0) + 2;
  const userId = bytes.toString('utf8', start + 4, start + 4 + bytes.readInt32BE(start));
  const column = /, column (.+)$/.exec(said?.where ?? '')?.[1];
  return { userId, reason: said === undefined ? 'the data warehouse refused the record' : serverWords(said), column };
}

function rowStarts(bytes: Buffer): number[] {
  const starts = [0];
  let position = 0;
  while (position < bytes.length) {
    let fields = bytes.readInt16BE(position);
    position += 2;
    for (; fields > 0; fields--) position += 4 + Math.max(0, bytes.readInt32BE(position));
    starts.push(position);
  }
  return starts;
}
