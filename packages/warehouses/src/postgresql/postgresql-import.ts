import type { RecordFailure } from '@penstock/domain';
import type { ImportAttempt, ImportTarget, PublishPlan, Receipt, StagedRow } from '@penstock/engine';
import { asOwner, type BegunAttempt, beginAttempt, dropStagedBy, type OpenWarehouse } from './begin-attempt.js';
import { KeptIds } from './kept-ids.js';
import type { Publication } from './publish/publication.js';
import { publishImport, publishNothing } from './publish/publish-import.js';
import type { Session } from './session.js';
import { StagedRows } from './staged-rows.js';
import { requireLayout, type TableLayout } from './table-layout.js';
import type { TableName } from './warehouse-tables.js';

/** Begins an attempt: takes the fence with a session of its own. See the contract of the port. */
export function beginPostgresqlImport(
  warehouse: OpenWarehouse,
  target: ImportTarget,
  signal: AbortSignal,
): Promise<ImportAttempt> {
  return beginAttempt(warehouse, target, {
    signal,
    begun: async (attempt) => {
      const layout =
        attempt.receipt === null ? await requireLayout(attempt.session, warehouse.tables, target.columns) : '';
      return new PostgresqlImport(warehouse, target, { ...attempt, layout });
    },
  });
}

interface BegunImport extends BegunAttempt {
  readonly layout: TableLayout;
}

class PostgresqlImport implements ImportAttempt {
  readonly receipt: Receipt | null;
  readonly #warehouse: OpenWarehouse;
  readonly #target: ImportTarget;
  readonly #session: Session;
  readonly #layout: TableLayout;
  readonly #hasPartition: boolean;
  readonly #stageTable: TableName;
  readonly #keepTable: TableName;
  readonly #rows: StagedRows;
  readonly #kept: KeptIds;
  #isPublished = false;
  #isClosed = false;

  constructor(warehouse: OpenWarehouse, target: ImportTarget, begun: BegunImport) {
    this.#layout = begun.layout;
    this.receipt = begun.receipt;
    this.#warehouse = warehouse;
    this.#target = target;
    this.#session = begun.session;
    this.#hasPartition = begun.hasPartition;
    this.#stageTable = warehouse.tables.staging('stage', target);
    this.#keepTable = warehouse.tables.staging('keep', target);
    this.#kept = new KeptIds(this.#session, this.#keepTable);
    const onRefused = (failure: RecordFailure): void => this.#keepRefused(failure);
    this.#rows = new StagedRows(this.#session, {
      target: { ...target, onRefused },
      table: this.#stageTable,
      persistence: begun.hasPartition ? 'unlogged' : 'logged',
    });
  }

  async stage(rows: readonly StagedRow[]): Promise<void> {
    await this.#asOwner(() => this.#rows.stage(rows));
  }

  async keep(userIds: readonly string[]): Promise<void> {
    // Without a partition there is nothing that could vanish.
    if (!this.#hasPartition || !this.#kept.add(userIds)) return;
    await this.#asOwner(async () => {
      await this.#rows.settled();
      await this.#kept.flush();
    });
  }

  /** A record that is refused has failed like any other: its existing identity stays. It is written down before the publish. */
  #keepRefused(failure: RecordFailure): void {
    if (this.#hasPartition && failure.key !== null) this.#kept.add([failure.key]);
    this.#target.onRefused(failure);
  }

  async publish(plan: PublishPlan): Promise<Receipt> {
    const receipt = await this.#asOwner(async () => {
      await this.#rows.finish();
      const mayRemove = plan.removeVanished && this.#hasPartition;
      if (mayRemove) await this.#kept.flush();
      const publish = this.#rows.isCreated || mayRemove ? publishImport : publishNothing;
      return publish(this.#publication(plan));
    });
    this.#isPublished = true;
    return receipt;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#rows.settled().catch(() => {});
    const leftovers = this.#leftovers();
    if (leftovers.length > 0) await this.#drop(leftovers).catch(() => {});
    await this.#session.close();
  }

  #publication(plan: PublishPlan): Publication {
    return {
      session: this.#session,
      tables: this.#warehouse.tables,
      timeouts: this.#warehouse.timeouts,
      target: this.#target,
      plan,
      layout: this.#layout,
      stage: this.#rows.isCreated ? this.#stageTable : null,
      keep: this.#kept.isCreated ? this.#keepTable : null,
      acknowledged: this.#rows.acknowledged,
      refused: this.#rows.refused,
    };
  }

  /** Publishing has taken care of both tables. */
  #leftovers(): TableName[] {
    if (this.#isPublished) return [];
    return [...(this.#rows.isCreated ? [this.#stageTable] : []), ...(this.#kept.isCreated ? [this.#keepTable] : [])];
  }

  #drop(leftovers: readonly TableName[]): Promise<void> {
    return dropStagedBy(this.#warehouse, { ...this.#target, session: this.#session }, leftovers);
  }

  #asOwner<Result>(work: () => Promise<Result>): Promise<Result> {
    return asOwner(this.#warehouse, this.#target, work);
  }
}
