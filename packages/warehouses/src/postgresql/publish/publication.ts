import type { ImportTarget, PublishPlan } from '@penstock/engine';
import type { Session } from '../session.js';
import type { TableLayout } from '../table-layout.js';
import type { TableName, WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';

/** All that it takes to compare what was staged with the identities of the pipeline. */
export interface Comparison {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly target: ImportTarget;
  readonly plan: Pick<PublishPlan, 'removeVanished' | 'compareUpdatedAt'>;
  /** Staged rows; null when none was staged, and so there is no table. */
  readonly stage: TableName | null;
  /** Ids to keep; null when there are none. */
  readonly keep: TableName | null;
  /** Rows that the warehouse has acknowledged. */
  readonly acknowledged: number;
}

/** All that the statements of one publish need. */
export interface Publication extends Comparison {
  readonly plan: PublishPlan;
  readonly refused: number;
  readonly timeouts: WarehouseTimeouts;
  /** The columns of the identities as they were when the attempt began. */
  readonly layout: TableLayout;
}

/** What a publish did to the identities of the pipeline. */
export interface Effect {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly merged: number;
}

export const NO_EFFECT: Effect = { added: 0, changed: 0, unchanged: 0, removed: 0, merged: 0 };
