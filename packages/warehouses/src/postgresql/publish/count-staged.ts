import type { DryImportCounts } from '@penstock/engine';
import { tableExists } from '../table-exists.js';
import { requireSameLayout, type TableLayout } from '../table-layout.js';
import { type Changes, compareStaged } from './compare-staged.js';
import { addsDuplicates, countExisting } from './find-differences.js';
import { mergeDuplicates } from './merge-duplicates.js';
import type { Comparison } from './publication.js';
import { COMPARISON_SETTINGS } from './publish-turn.js';

/**
 * Counts what a publish would do, with its statements, in one snapshot. Nothing of it is kept, also not that duplicates were taken
 * out of the staged rows: it can be asked again.
 */
export async function countStaged(comparison: Comparison, layout: TableLayout): Promise<DryImportCounts> {
  const { session, tables, target } = comparison;
  // Before the snapshot: one that began during a first import would see a part of the partition that comes of it.
  const hasPartition = await tableExists(session, tables.partition(target.pipeline));
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    // Keeps alterations of the schema out, and does not take the snapshot yet.
    await session.query(`LOCK TABLE ONLY ${tables.identities.sql} IN ACCESS SHARE MODE`);
    await session.query(`SELECT ${COMPARISON_SETTINGS}`);
    await requireSameLayout(session, tables, layout);
    return await countInSnapshot(comparison, hasPartition);
  } finally {
    await session.query('ROLLBACK').catch(() => {});
  }
}

async function countInSnapshot(comparison: Comparison, hasPartition: boolean): Promise<DryImportCounts> {
  const { session, stage, acknowledged, plan } = comparison;
  const hopeful = hasPartition && plan.removeVanished ? await countUnlessDuplicates(comparison) : undefined;
  if (hopeful !== undefined) return { ...hopeful, merged: 0 };
  const merged = stage === null ? 0 : await mergeDuplicates(session, stage);
  if (!hasPartition) {
    return { existing: 0, added: acknowledged - merged, changed: 0, unchanged: 0, removed: 0, merged };
  }
  const changes = await compareStaged(comparison, merged);
  if (changes === undefined) throw new Error('duplicates remain among the staged rows');
  const existing = plan.removeVanished ? changes.existing : await countExisting(comparison);
  return { ...changes, existing, merged };
}

/** As a publish does: most imports have no duplicates, and looking for them takes longer than all the rest. */
async function countUnlessDuplicates(comparison: Comparison): Promise<Changes | undefined> {
  const changes = await compareStaged(comparison, 0);
  if (changes === undefined || (changes.added > 0 && (await addsDuplicates(comparison)))) return undefined;
  return changes;
}
