import { brakes, type ExportDefinition, StepError } from '@penstock/domain';
import { atStep } from './at-step.js';
import type { ExportWork } from './execute-export.js';
import type { LeftRecord } from './export-warehouse.js';

/** Records that a destination has of profiles that take part no more. */
export interface LeavingRecords {
  /** With those that have become the records of other profiles, and stay. */
  readonly left: number;
  /** How many records the destination has accepted in all. */
  readonly accepted: number;
}

export const NOBODY_LEAVES: LeavingRecords = { left: 0, accepted: 0 };

interface Removal {
  /** How many profiles take part. */
  readonly received: number;
  /** Whether the destination would have to remove a record. */
  readonly isThere: (record: LeftRecord) => boolean;
}

/**
 * How many records are to be removed: in a dry run exactly, otherwise at most. They are only looked at one by one where it matters.
 * @throws StepError DeleteBrake when removing them would remove too much; never in a dry run, which has the number.
 */
export async function countRemovable(
  { attempt, assignment, environment, dry }: ExportWork<ExportDefinition>,
  { left, accepted }: LeavingRecords,
  { received, isThere }: Removal,
): Promise<number> {
  if (left === 0) return 0;
  const { maxRemovedShare: maxShare, run } = assignment;
  const isTooMuch = (removed: number): boolean => brakes({ removed, existing: accepted, received, maxShare });
  if (!dry && !isTooMuch(left)) return left;
  const removed = await atStep('Finalize', environment.signal, () => countThose(attempt.left(), isThere));
  if (dry || !isTooMuch(removed)) return removed;
  const share = (removed / accepted).toLocaleString('en', { style: 'percent', maximumFractionDigits: 1 });
  throw new StepError('Finalize', 'DeleteBrake', {
    message:
      `the export would remove ${removed} of ${accepted} records (${share}) at the destination, because their profiles are not exported any more; ` +
      `if that is right, raise the pipeline's maxRemovedShare (now ${maxShare}) ` +
      `or allow it once with POST /v1/runs/${run}/retry {"allowRemoval": true}`,
    details: { removed, existing: accepted, maxRemovedShare: maxShare },
  });
}

async function countThose(
  batches: AsyncIterable<readonly LeftRecord[]>,
  isThere: (record: LeftRecord) => boolean,
): Promise<number> {
  let count = 0;
  for await (const batch of batches) count += batch.filter(isThere).length;
  return count;
}
