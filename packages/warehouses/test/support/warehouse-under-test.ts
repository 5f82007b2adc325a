import type { WarehousePlatform } from '../../src/index.js';

export interface AttemptName {
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
}

/** What a publish waits for in the middle of its transaction, after it has taken the fence. */
export interface HeldPublish {
  /** Resolves when a publish has come as far as it can, and fails when that is before it has taken the fence. */
  readonly reached: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** A kind of warehouse as the conformance suite needs it: the platform, and what a test does behind its back. */
export interface WarehouseUnderTest {
  readonly platform: WarehousePlatform;
  /** Settings of a place that nothing was done with yet; each call another one. */
  newPlace(): Promise<unknown>;
  /** For each published identity of a pipeline something that changes when it is written, by user id. */
  versions(settings: unknown, pipeline: number): Promise<Map<string, string>>;
  /** Ends the warehouse's side of an attempt's connections. Returns how many. */
  killSessions(settings: unknown, attempt: AttemptName): Promise<number>;
  /** Hands the fence to an attempt, without ending what earlier ones do. */
  passFence(settings: unknown, to: AttemptName): Promise<void>;
  /** What attempts have staged and not cleared away. */
  leftovers(settings: unknown): Promise<readonly string[]>;
  /** Lets staged rows of a live attempt disappear. */
  loseStaged(settings: unknown, attempt: AttemptName): Promise<void>;
  /** Makes the publish of an attempt that has staged rows wait. */
  holdPublish(settings: unknown, attempt: AttemptName): Promise<HeldPublish>;
}
