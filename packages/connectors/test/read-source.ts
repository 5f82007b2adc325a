import type { RawRow, ReadFrom, Source, SourceReader } from '@penstock/engine';

/** A signal that nobody aborts. */
export const unhurried = (): AbortSignal => new AbortController().signal;

export interface ReadResult {
  readonly columns: SourceReader['columns'];
  readonly rows: readonly RawRow[];
}

/** Reads a query to its end. */
export async function readAll(
  source: (query: string) => Source,
  query: string,
  from: ReadFrom | null = null,
): Promise<ReadResult> {
  const reader = await source(query).open(from, unhurried());
  const rows: RawRow[] = [];
  for await (const batch of reader.batches()) rows.push(...batch.rows);
  return { columns: reader.columns, rows };
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
