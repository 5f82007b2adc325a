import { NO_COUNTS, type RecordFailure } from '@penstock/domain';
import type {
  ImportAttempt,
  ImportTarget,
  PublishPlan,
  Receipt,
  StagedRow,
  Warehouse,
  WarehouseColumn,
} from '@penstock/engine';
import { onTestFinished } from 'vitest';
import type { IdentityRecord, WarehousePlatform, WarehouseReader } from '../../src/index.js';

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

const MAPPED = COLUMNS.map(({ path }) => path);

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

export interface ImportOptions {
  readonly pipeline?: number;
  readonly run?: number;
  readonly epoch?: number;
  readonly rows?: readonly StagedRow[];
  readonly keep?: readonly string[];
  readonly mapped?: readonly string[];
  readonly columns?: readonly WarehouseColumn[];
  readonly plan?: Partial<PublishPlan>;
  readonly refused?: RecordFailure[];
  readonly signal?: AbortSignal;
}

/** An initialised warehouse, and short ways to import into it. */
export class TestWarehouse {
  readonly settings: unknown;
  readonly warehouse: Warehouse & WarehouseReader;
  #lastRun = 0;

  constructor(settings: unknown, warehouse: Warehouse & WarehouseReader) {
    this.settings = settings;
    this.warehouse = warehouse;
  }

  static async create(platform: WarehousePlatform, settings: unknown, columns = COLUMNS): Promise<TestWarehouse> {
    await platform.initialize(settings, { workspace: WORKSPACE, columns });
    return new TestWarehouse(settings, platform.open(settings));
  }

  target(options: ImportOptions = {}): ImportTarget {
    this.#lastRun = options.run ?? this.#lastRun + 1;
    return {
      workspace: WORKSPACE,
      connection: CONNECTION,
      pipeline: options.pipeline ?? PIPELINE,
      run: this.#lastRun,
      epoch: options.epoch ?? 1,
      columns: options.columns ?? COLUMNS,
      mapped: options.mapped ?? MAPPED,
      onRefused: (failure) => options.refused?.push(failure),
    };
  }

  /** Begins an attempt; it is closed at the end of the test, unless the test does. */
  async begin(options: ImportOptions = {}): Promise<ImportAttempt> {
    const signal = options.signal ?? new AbortController().signal;
    const attempt = await this.warehouse.beginImport(this.target(options), signal);
    onTestFinished(() => attempt.close());
    return attempt;
  }

  /** A whole import: begin, stage, keep, publish, close. Full and read to its end unless the plan says otherwise. */
  async import(options: ImportOptions = {}): Promise<Receipt> {
    const attempt = await this.begin(options);
    try {
      if (attempt.receipt !== null) return attempt.receipt;
      await attempt.stage(options.rows ?? []);
      await attempt.keep(options.keep ?? []);
      return await attempt.publish(planFor(options));
    } finally {
      await attempt.close();
    }
  }

  /** All published identities, ordered by pipeline and user id. */
  async identities(columns = COLUMNS): Promise<IdentityRecord[]> {
    const page = await this.warehouse.listIdentities({ columns, first: 0, limit: 100_000 });
    return [...page.identities].sort((a, b) => a.pipeline - b.pipeline || (a.userId < b.userId ? -1 : 1));
  }

  async userIds(): Promise<string[]> {
    return (await this.identities()).map(({ userId }) => userId);
  }
}

/** The plan of a full import of the rows; removing needs no permission unless the plan asks for it. */
export function planFor({ rows = [], plan = {} }: ImportOptions): PublishPlan {
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
