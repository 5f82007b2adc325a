import { AppError, type RecordFailure } from '@penstock/domain';
import type { ImportAttempt, ImportTarget, PublishPlan, Receipt, StagedRow } from '@penstock/engine';
import { endSessionsBefore, markSession } from './attempt-sessions.js';
import { dropStaging } from './drop-leftovers.js';
import { type FenceFindings, isFenceLost, lost, takeFence } from './fence.js';
import { KeptIds } from './kept-ids.js';
import type { PostgresqlSettings } from './postgresql-settings.js';
import type { Publication } from './publish/publication.js';
import { publishImport, publishNothing } from './publish/publish-import.js';
import type { Session } from './session.js';
import { StagedRows } from './staged-rows.js';
import type { WarehousePools } from './warehouse-pools.js';
import type { TableName, WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

/** One workspace's warehouse. */
export interface OpenWarehouse {
  readonly pools: WarehousePools;
  readonly settings: PostgresqlSettings;
  readonly tables: WarehouseTables;
  readonly timeouts: WarehouseTimeouts;
}

/** Begins an attempt: takes the fence with a session of its own. See the contract of the port. */
export async function beginPostgresqlImport(
  warehouse: OpenWarehouse,
  target: ImportTarget,
  signal: AbortSignal,
): Promise<ImportAttempt> {
  const { pools, settings, tables, timeouts } = warehouse;
  const session = await pools.session(settings, signal);
  try {
    const marked = await markSession(session, tables, target, timeouts);
    if (marked === undefined) {
      throw new AppError('WarehouseRefused', { message: 'the data warehouse has not been initialised' });
    }
    const found = await takeFence(session, tables, { ...target, ...marked });
    return new PostgresqlImport(warehouse, target, { session, ...found });
  } catch (error) {
    await session.close();
    throw await asFenceLost(warehouse, target, error);
  }
}

/** A session that breaks because a later attempt has ended it is told from one that breaks for other reasons. */
async function asFenceLost(
  { pools, settings, tables }: OpenWarehouse,
  target: ImportTarget,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'WarehouseUnavailable') return error;
  const isLost = pools.withSession(settings, (session) => isFenceLost(session, tables, target));
  return (await isLost.catch(() => false)) ? lost() : error;
}

class PostgresqlImport implements ImportAttempt {
  readonly receipt: Receipt | null;
  readonly #warehouse: OpenWarehouse;
  readonly #target: ImportTarget;
  readonly #session: Session;
  readonly #hasPartition: boolean;
  readonly #stageTable: TableName;
  readonly #keepTable: TableName;
  readonly #rows: StagedRows;
  readonly #kept: KeptIds;
  #isPublished = false;
  #isClosed = false;

  constructor(warehouse: OpenWarehouse, target: ImportTarget, begun: FenceFindings & { readonly session: Session }) {
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
      logged: !begun.hasPartition,
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

  /** When the own session is gone, its server process may still be busy, and hold what is to be dropped. */
  async #drop(leftovers: readonly TableName[]): Promise<void> {
    if (!this.#session.isSpoiled) return dropStaging(this.#session, leftovers);
    const { pools, settings, tables } = this.#warehouse;
    await pools.withSession(settings, async (session) => {
      await endSessionsBefore(session, tables, { ...this.#target, epoch: this.#target.epoch + 1 });
      await dropStaging(session, leftovers);
    });
  }

  async #asOwner<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw await asFenceLost(this.#warehouse, this.#target, error);
    }
  }
}
