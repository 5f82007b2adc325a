import { countExisting, findDifferences, spareKept } from './find-differences.js';
import type { Comparison } from './publication.js';

/** What publishing the staged rows does to the identities of the pipeline. */
export interface Changes {
  /** Identities that the pipeline has; 0 where none may be removed, because then nobody has counted them. */
  readonly existing: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
}

/**
 * Compares the staged rows, of which `merged` were taken out as duplicates, with the pipeline's identities. Returns undefined when
 * the numbers show that two of them have the same id; two that are new show only when they are added.
 */
export async function compareStaged(comparison: Comparison, merged: number): Promise<Changes | undefined> {
  const { removeVanished } = comparison.plan;
  const staged = comparison.acknowledged - merged;
  const existing = removeVanished ? await countExisting(comparison) : 0;
  const { added, changed, vanished } = await findDifferences(comparison);
  // Each staged row that is not new has an identity of its own, unless two have the same.
  if (removeVanished && staged - added !== existing - vanished) return undefined;
  const removed = vanished - (await spareKept(comparison, vanished));
  return { existing, added, changed, unchanged: staged - added - changed, removed };
}
