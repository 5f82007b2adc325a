import type { Warehouse, WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import type { z } from 'zod';

/** Whose warehouse it is, and what an identity holds. */
export interface WarehouseOwner {
  readonly workspace: number;
  /** One for each leaf property of the profile schema. */
  readonly columns: readonly WarehouseColumn[];
}

/** Which identities to list. */
export interface IdentitiesRequest {
  readonly connection?: number;
  /** Identities of other pipelines are hidden (those of a deleted pipeline, until they are purged). Absent: all. */
  readonly pipelines?: readonly number[];
  /** Columns to read as attributes. */
  readonly columns?: readonly WarehouseColumn[];
  /** How many to skip. */
  readonly first: number;
  readonly limit: number;
}

export interface IdentityRecord {
  readonly userId: string;
  readonly connection: number;
  readonly pipeline: number;
  /** Canonical datetime. */
  readonly updatedAt: string;
  /** Canonical values by property path, of the columns that were asked for. */
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface IdentityPage {
  /** Newest first. */
  readonly identities: readonly IdentityRecord[];
  readonly total: number;
}

/** Reads what has been published. */
export interface WarehouseReader {
  listIdentities(request: IdentitiesRequest): Promise<IdentityPage>;
}

/** Whether an attempt may still be going on. */
export type IsLiveAttempt = (run: number, epoch: number) => boolean | Promise<boolean>;

/**
 * A kind of data warehouse. Settings are taken as they are stored or were received; each function throws AppError
 * `InvalidWarehouseSettings` when they are not valid, and `WarehouseUnavailable`, `WarehouseConflict` (both worth trying again)
 * or `WarehouseRefused` (somebody has to change something) as the warehouse answers. Contract:
 * - `initialize` is idempotent and all or nothing; `DifferentWarehouse` when the place belongs to another workspace,
 *   `WarehouseNotInitializable` with what has to change.
 * - `purgePipeline` is idempotent; afterwards no attempt of the pipeline, also none that is under way, can publish.
 * - `dropLeftovers` removes what attempts that are over have left behind, as far as it can without waiting; returns how many.
 */
export interface WarehousePlatform {
  readonly platform: string;
  readonly settingsSchema: z.ZodType;
  /** The settings with secrets blotted out. */
  redactSettings(settings: unknown): Readonly<Record<string, unknown>>;
  initialize(settings: unknown, owner: WarehouseOwner): Promise<void>;
  /** What is wrong with the place that the settings name, in a sentence; null when it can be a warehouse. */
  check(settings: unknown): Promise<string | null>;
  open(settings: unknown): Warehouse & WarehouseReader;
  purgePipeline(settings: unknown, pipeline: number): Promise<void>;
  dropLeftovers(settings: unknown, isLive: IsLiveAttempt): Promise<number>;
}
