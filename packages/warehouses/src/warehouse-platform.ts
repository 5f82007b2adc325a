import type { Warehouse, WarehouseColumn } from '@penstock/engine';
import type { Filter, Value } from '@penstock/language';
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

/** Which profiles to list. */
export interface ProfilesRequest {
  /** Columns to read as attributes. */
  readonly columns: readonly WarehouseColumn[];
  /** All columns of the profile schema, which the filter may use. */
  readonly filterColumns: readonly WarehouseColumn[];
  readonly filter: Filter | null;
  /** A column to order by; null orders by update time. Those without a value come last, and equal ones by id. */
  readonly orderBy: WarehouseColumn | null;
  readonly descending: boolean;
  /** How many to skip. */
  readonly first: number;
  readonly limit: number;
}

export interface ProfileRecord {
  /** UUID. */
  readonly id: string;
  /** Canonical datetime: the greatest of its identities. */
  readonly updatedAt: string;
  /** Canonical values by property path, of the columns that were asked for; what it does not have is null. */
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface ProfilePage {
  readonly profiles: readonly ProfileRecord[];
  readonly total: number;
}

/** Which identities of a profile to list, newest first. */
export interface ProfileIdentitiesRequest {
  readonly profile: string;
  /** Only what these pipelines imported. */
  readonly pipelines?: readonly number[];
  readonly columns: readonly WarehouseColumn[];
  readonly first: number;
  readonly limit: number;
}

/** Reads what has been published. */
export interface WarehouseReader {
  listIdentities(request: IdentitiesRequest): Promise<IdentityPage>;
  /** One statement, or one snapshot: the total fits the page. */
  listProfiles(request: ProfilesRequest): Promise<ProfilePage>;
  /** undefined when there is no such profile. */
  findProfile(profile: string, columns: readonly WarehouseColumn[]): Promise<ProfileRecord | undefined>;
  /** Empty when there is no such profile. An identity that changed since the last resolution shows as it is now; one that is gone does not show. */
  listProfileIdentities(request: ProfileIdentitiesRequest): Promise<IdentityPage>;
}

/** How identities become profiles. */
export interface ResolutionRequest {
  readonly workspace: number;
  /** All columns of the profile schema. */
  readonly columns: readonly WarehouseColumn[];
  /** Paths of the identifiers, the most important first. */
  readonly identifiers: readonly string[];
  /** Connection whose values go first, by property path. */
  readonly primarySources: Readonly<Record<string, number>>;
  /** Resolves all identities anew, as after a change of identifiers, primary sources or columns it does by itself. */
  readonly full?: boolean;
  /** On whose behalf. Once a greater one, by id and then by epoch, has been there, lower ones are turned away: their settings may be outdated. */
  readonly operation?: OperationId;
}

/** An attempt at an operation of the control database; both numbers grow. */
export interface OperationId {
  readonly id: number;
  readonly epoch: number;
}

/** What a resolution did. */
export interface ResolutionOutcome {
  /** Identities that were resolved: those that had changed, and who was or is connected to them. */
  readonly resolved: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Profiles afterwards. */
  readonly profiles: number;
}

/** A change of the profile schema: what its columns are, and where they come from. */
export interface SchemaAlteration {
  readonly workspace: number;
  /** Names the alteration: one that has been applied is not applied again. */
  readonly operation: string;
  readonly before: readonly WarehouseColumn[];
  readonly after: readonly WarehouseColumn[];
  /** By path in `after`, the path in `before` whose values it keeps. A path of `before` that nothing keeps is dropped; the others are new. */
  readonly kept: Readonly<Record<string, string>>;
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
  /**
   * Resolves the identities that changed since the last time into profiles, in one transaction: readers see the profiles of before until
   * it commits, and one that dies leaves nothing. Null when another resolution or an alteration of the schema is under way, or a later
   * operation has been there. What imports publish meanwhile is left for the next one. An aborted signal ends it at once.
   */
  resolveIdentities(
    settings: unknown,
    request: ResolutionRequest,
    signal: AbortSignal,
  ): Promise<ResolutionOutcome | null>;
  /** The statements of an alteration, in their order, for people to look at. */
  previewAlteration(settings: unknown, alteration: SchemaAlteration): Promise<readonly string[]>;
  /**
   * Alters the tables of identities and profiles, in one transaction, after the publishes that are under way: those that staged before
   * fail with `WarehouseConflict` when they publish. Idempotent by operation. Returns false when a resolution or another alteration is under way.
   * Throws AppError `InvalidAlterSchema` when the tables do not fit into the warehouse.
   */
  alterSchema(settings: unknown, alteration: SchemaAlteration, signal: AbortSignal): Promise<boolean>;
}
