import { setImmediate as nextTurn } from 'node:timers/promises';

/** Records that are looked at before others have a turn. */
const SLICE = 100;

/** Works on rows in slices, so that other requests are answered in between. @throws the signal's reason */
export async function inSlices<Row, Result>(
  rows: readonly Row[],
  signal: AbortSignal,
  work: (slice: readonly Row[]) => readonly Result[] | Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < rows.length; start += SLICE) {
    signal.throwIfAborted();
    results.push(...(await work(rows.slice(start, start + SLICE))));
    await nextTurn();
  }
  return results;
}
