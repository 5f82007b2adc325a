import { type CompiledMapping, textLength, type Value, ValueFailure } from '@penstock/language';
import type { RawRow, SourceBatch } from './source.js';

/**
 * Work is the weight of a mapping times the characters that it works on; a hundred million takes about a tenth of a second up to
 * a few. Mappings up to this weight are never looked at: with them the largest record of a source is bearable.
 */
const LIGHT_WEIGHT = 60;
/** For one record, which nothing interrupts. */
const MAX_RECORD_WORK = 500_000_000;
/** Between two looks at the clock, and into the warehouse. */
const MAX_BATCH_WORK = 50_000_000;

/** Whether a mapping can make so much of a record that its records have to be looked at. */
export function isHeavy({ weight }: CompiledMapping): boolean {
  return weight > LIGHT_WEIGHT;
}

/** Whether a mapping would be busy with a record for too long. */
export function isTooMuchWork({ weight }: CompiledMapping, values: readonly Value[]): boolean {
  return weight * textLength(values) > MAX_RECORD_WORK;
}

/** What is wrong with a record that a mapping would be busy with for too long. */
export const TOO_MUCH_WORK = new ValueFailure(
  'Transformation',
  'TooMuchWork',
  'the record is too large for a mapping as long as this: shorten the mapping, or the record',
);

/** Cuts a batch into batches of bounded work for a heavy mapping, so that others get their turn, and memory, in between. */
export function* portions(batch: SourceBatch, { weight }: CompiledMapping): Generator<SourceBatch> {
  const maxLength = MAX_BATCH_WORK / weight;
  let rows: RawRow[] = [];
  let length = 0;
  let { unreadable } = batch;
  for (const row of batch.rows) {
    // What is no value in a row has no text that a mapping could work on.
    const added = textLength(row as readonly Value[]);
    if (rows.length > 0 && length + added > maxLength) {
      yield { ...batch, rows, unreadable };
      [rows, length, unreadable] = [[], 0, []];
    }
    rows.push(row);
    length += added;
  }
  yield { ...batch, rows, unreadable };
}
