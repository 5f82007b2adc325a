import { NO_COUNTS } from '@penstock/domain';
import type {
  ExportAttempt,
  ExportedProfile,
  ExportPlan,
  ExportQuery,
  ExportTarget,
  Receipt,
  SentRecord,
  Warehouse,
} from '@penstock/engine';
import { onTestFinished } from 'vitest';
import { PIPELINE, WORKSPACE } from './people.js';
import { PROFILE_COLUMNS, type ProfileTable, type TestProfile } from './profiles.js';

export interface ExportOptions extends Partial<ExportTarget> {
  readonly signal?: AbortSignal;
  readonly isDry?: boolean;
}

export const QUERY: ExportQuery = {
  columns: PROFILE_COLUMNS,
  filterColumns: PROFILE_COLUMNS,
  filter: null,
  orderBy: null,
  unlessAcceptedUnder: null,
};

/** A query of what has changed under a version of the pipeline. */
export function changesUnder(version: number): ExportQuery {
  return { ...QUERY, unlessAcceptedUnder: version };
}

/** The plan of a run in which so many records have passed. */
export function exportPlan(passed: number, plan: Partial<ExportPlan> = {}): ExportPlan {
  const counts = { passed: NO_COUNTS.passed.map(() => passed), failed: NO_COUNTS.failed };
  return { counts, added: null, report: null, ...plan };
}

/** A record of a profile: its key is the e-mail, its fingerprint all its values. */
export function recordOf(profile: TestProfile, changes: Partial<SentRecord> = {}): SentRecord {
  return {
    profile: profile.id,
    revision: String(profile.revision),
    key: String(profile.values[0]),
    fingerprint: JSON.stringify(profile.values),
    externalId: null,
    isNew: true,
    ...changes,
  };
}

export async function collect<Item>(batches: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}

/** A warehouse with profiles, and short ways to export them. */
export class ExportWarehouse {
  readonly warehouse: Warehouse;
  readonly profiles: ProfileTable;
  readonly settings: { readonly schema: string };

  constructor(warehouse: Warehouse, profiles: ProfileTable, settings: { readonly schema: string }) {
    this.warehouse = warehouse;
    this.profiles = profiles;
    this.settings = settings;
  }

  /** Begins an attempt; it is closed at the end of the test, unless the test does. */
  async begin({
    signal = new AbortController().signal,
    isDry = false,
    ...target
  }: ExportOptions = {}): Promise<ExportAttempt> {
    const attempted = {
      workspace: WORKSPACE,
      pipeline: PIPELINE,
      run: 1,
      epoch: 1,
      version: 1,
      destination: 'people',
      ...target,
    };
    const attempt = await (isDry
      ? this.warehouse.beginDryExport(attempted, signal)
      : this.warehouse.beginExport(attempted, signal));
    onTestFinished(() => attempt.close());
    return attempt;
  }

  /** A whole export of records that the destination accepts at the end. */
  async stageAll(rows: readonly TestProfile[], options: ExportOptions = {}): Promise<Receipt> {
    const attempt = await this.begin(options);
    await attempt.stage(
      rows.map((row) => recordOf(row)),
      0,
    );
    const receipt = await attempt.publish(exportPlan(rows.length));
    await attempt.close();
    return receipt;
  }

  /** What a run would get. */
  async delivered(query: ExportQuery, options: ExportOptions = {}): Promise<readonly ExportedProfile[]> {
    const attempt = await this.begin({ isDry: true, run: 0, ...options });
    const reader = await attempt.read(query);
    const profiles = await collect(reader.batches());
    await attempt.close();
    return profiles.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
