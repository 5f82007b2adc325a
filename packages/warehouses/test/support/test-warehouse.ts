import type { RecordFailure } from '@penstock/domain';
import type { ImportAttempt, ImportTarget, Receipt, Warehouse, WarehouseColumn } from '@penstock/engine';
import { onTestFinished } from 'vitest';
import type { IdentityRecord, WarehousePlatform, WarehouseReader } from '../../src/index.js';
import { COLUMNS, CONNECTION, MAPPED, PIPELINE, type PlannedImport, planFor, WORKSPACE } from './people.js';

export interface ImportOptions extends PlannedImport {
  readonly pipeline?: number;
  readonly run?: number;
  readonly epoch?: number;
  readonly keep?: readonly string[];
  readonly mapped?: readonly string[];
  readonly columns?: readonly WarehouseColumn[];
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
