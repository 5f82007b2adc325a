import type { DryImport, DryImportCounts, ImportTarget, StagedRow } from '@penstock/engine';
import { type OpenWarehouse, requireInitialized } from './begin-attempt.js';
import { KeptIds } from './kept-ids.js';
import { countStaged } from './publish/count-staged.js';
import type { Session } from './session.js';
import { setSession } from './session-settings.js';
import { StagedRows } from './staged-rows.js';
import { tableExists } from './table-exists.js';
import { requireLayout, type TableLayout } from './table-layout.js';
import type { TableName, WarehouseTables } from './warehouse-tables.js';

const STAGE: TableName = { name: 'penstock_stage', sql: 'pg_temp.penstock_stage' };
const KEEP: TableName = { name: 'penstock_keep', sql: 'pg_temp.penstock_keep' };

type CountRequest = Parameters<DryImport['count']>[0];

/** Begins a dry run: stages with a session of its own, takes no fence. See the contract of the port. */
export async function beginPostgresqlDryImport(
  { pools, settings, tables, timeouts }: OpenWarehouse,
  target: ImportTarget,
  signal: AbortSignal,
): Promise<DryImport> {
  const session = await pools.session(settings, signal);
  try {
    await setSession(session, timeouts);
    requireInitialized((await tableExists(session, tables.identities)) || undefined);
    const layout = await requireLayout(session, tables, target.columns);
    return new PostgresqlDryImport(session, { tables, target, layout });
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface DryTarget {
  readonly tables: WarehouseTables;
  readonly target: ImportTarget;
  readonly layout: TableLayout;
}

class PostgresqlDryImport implements DryImport {
  readonly #session: Session;
  readonly #dry: DryTarget;
  readonly #rows: StagedRows;
  readonly #kept: KeptIds;

  constructor(session: Session, dry: DryTarget) {
    this.#session = session;
    this.#dry = dry;
    this.#kept = new KeptIds(session, KEEP, 'temporary');
    const onRefused: ImportTarget['onRefused'] = (failure) => {
      if (failure.key !== null) this.#kept.add([failure.key]);
      dry.target.onRefused(failure);
    };
    const target = { ...dry.target, onRefused };
    this.#rows = new StagedRows(session, { target, table: STAGE, persistence: 'temporary' });
  }

  async stage(rows: readonly StagedRow[]): Promise<void> {
    await this.#rows.stage(rows);
  }

  async keep(userIds: readonly string[]): Promise<void> {
    if (!this.#kept.add(userIds)) return;
    await this.#rows.settled();
    await this.#kept.flush();
  }

  async count(plan: CountRequest): Promise<DryImportCounts> {
    await this.#rows.finish();
    await this.#kept.flush();
    const { layout, ...dry } = this.#dry;
    const comparison = {
      ...dry,
      session: this.#session,
      plan,
      stage: this.#rows.isCreated ? STAGE : null,
      keep: this.#kept.isCreated ? KEEP : null,
      acknowledged: this.#rows.acknowledged,
    };
    return countStaged(comparison, layout);
  }

  /** The temporary tables end with the session, or when it is given back. */
  async close(): Promise<void> {
    await this.#rows.settled().catch(() => {});
    await this.#session.close();
  }
}
