import { brakes, StepError } from '@penstock/domain';
import { addNew, changeChanged, removeVanished } from './apply-differences.js';
import { compareStaged } from './compare-staged.js';
import { logChanges } from './log-changes.js';
import { mergeDuplicates } from './merge-duplicates.js';
import type { Effect, Publication } from './publication.js';

/**
 * Finds what differs between the staged rows and the pipeline's identities, and changes only that. In a run that looks at all
 * identities, duplicates among the staged rows show in the numbers: they are only looked for when there are some, and everything
 * is done once more.
 */
export async function publishDifferences(publication: Publication): Promise<Effect> {
  const hopeful = publication.plan.removeVanished ? await applyDifferences(publication, 0) : undefined;
  if (hopeful !== undefined) return hopeful;
  const merged = publication.stage === null ? 0 : await mergeDuplicates(publication.session, publication.stage);
  const effect = await applyDifferences(publication, merged);
  if (effect === undefined) throw new Error('duplicates remain among the staged rows');
  return effect;
}

/** Returns undefined, with nothing changed, when there are duplicates among the staged rows. */
async function applyDifferences(publication: Publication, merged: number): Promise<Effect | undefined> {
  const changes = await compareStaged(publication, merged);
  if (changes === undefined) return undefined;
  const { existing, added, changed, unchanged, removed } = changes;
  requireAllowed(publication, { removed, existing });
  if (added > 0 && !(await addNew(publication))) return undefined;
  if (changed > 0) await changeChanged(publication);
  await logChanges(publication, { changes: added + changed + removed, existing });
  if (removed > 0) await removeVanished(publication);
  return { added, changed, unchanged, removed, merged };
}

function requireAllowed(
  { plan, target }: Publication,
  { removed, existing }: { readonly removed: number; readonly existing: number },
): void {
  const received = (plan.counts.passed[0] ?? 0) + (plan.counts.failed[0] ?? 0);
  if (!brakes({ removed, existing, received, maxShare: plan.maxRemovedShare })) return;
  const share = (removed / existing).toLocaleString('en', { style: 'percent', maximumFractionDigits: 1 });
  throw new StepError('Finalize', 'DeleteBrake', {
    message:
      `the import would remove ${removed} of ${existing} identities (${share}), because the source no longer has them; ` +
      `if that is right, raise the pipeline's maxRemovedShare (now ${plan.maxRemovedShare}) ` +
      `or allow it once with POST /v1/runs/${target.run}/retry {"allowRemoval": true}`,
    details: { removed, existing, received, maxRemovedShare: plan.maxRemovedShare },
  });
}
