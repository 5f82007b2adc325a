import { NO_COUNTS } from '@penstock/domain';
import type { PublishPlan, Receipt, StagedRow, WarehouseColumn } from '@penstock/engine';

export const WORKSPACE = 100_000_001;
export const CONNECTION = 200_000_001;
export const PIPELINE = 300_000_001;
export const OTHER_PIPELINE = 300_000_002;

/** A small profile schema. */
export const COLUMNS: readonly WarehouseColumn[] = [
  { path: 'email', column: 'email', type: { kind: 'string' } },
  { path: 'address.country', column: 'address_country', type: { kind: 'string', maxLength: 2 } },
  { path: 'orders', column: 'orders', type: { kind: 'int', bitSize: 32 } },
  { path: 'extra', column: 'extra', type: { kind: 'json' } },
];

/** The paths of {@link COLUMNS}. */
export const MAPPED = COLUMNS.map(({ path }) => path);

/** `user-0001`, e-mail, country, orders, no extra. */
export function person(number: number, changes: { orders?: number; updatedAt?: string } = {}): StagedRow {
  const id = `user-${String(number).padStart(4, '0')}`;
  const updatedAt = changes.updatedAt ?? '2024-05-06 07:08:09.123456';
  return [id, updatedAt, `${id}@example.com`, 'IT', changes.orders ?? number, null];
}

/** People first..last. */
export function people(first: number, last: number): StagedRow[] {
  return Array.from({ length: last - first + 1 }, (_, index) => person(first + index));
}

export interface PlannedImport {
  readonly rows?: readonly StagedRow[];
  readonly plan?: Partial<PublishPlan>;
}

/** The plan of a full import of the rows; removing needs no permission unless the plan asks for it. */
export function planFor({ rows = [], plan = {} }: PlannedImport): PublishPlan {
  const passed = NO_COUNTS.passed.map((_, step) => (step === 5 ? 0 : rows.length));
  return {
    removeVanished: true,
    compareUpdatedAt: true,
    maxRemovedShare: 1,
    counts: { passed, failed: NO_COUNTS.failed },
    cursor: null,
    ...plan,
  };
}

/** The numbers of a receipt that say what became of the identities. */
export function effectOf({ added, changed, unchanged, removed, merged }: Receipt): Record<string, number> {
  return { added, changed, unchanged, removed, merged };
}
