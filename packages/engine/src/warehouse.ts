import type { RecordFailure, StepCounts } from '@penstock/domain';
import type { Type, Value } from '@penstock/language';
import type { DryImport, ExportAttempt, ExportTarget } from './export-warehouse.js';
import type { FailureGroup } from './failure-groups.js';

/** A column of the identities: one for each leaf property of the workspace's profile schema. */
export interface WarehouseColumn {
  /** Property path, `address.city`. */
  readonly path: string;
  /** Column name, `address_city`. */
  readonly column: string;
  readonly type: Type;
}

/** Which attempt of which run. */
export interface AttemptTarget {
  readonly workspace: number;
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
}

/** Which run of which pipeline imports, and what a staged row holds. */
export interface ImportTarget extends AttemptTarget {
  readonly connection: number;
  /** All columns of the profile schema; those that the mapping leaves out are NULL in what the run publishes. */
  readonly columns: readonly WarehouseColumn[];
  /** Paths of the values of a staged row, in their order, after user id and update time. */
  readonly mapped: readonly string[];
  /** Called for each staged record that the warehouse refused; it fails alone, at Finalize. */
  readonly onRefused: (failure: RecordFailure) => void;
}

/** `[user id, update time, ...mapped values]`. User id: text of at most 1,024 bytes; update time: canonical datetime. */
export type StagedRow = readonly [userId: string, updatedAt: string, ...values: Value[]];

export interface PublishPlan {
  /** A full run whose source was read to its end removes the identities that the source no longer has. */
  readonly removeVanished: boolean;
  /** Whether the update time came from the source; else it says when the record was written and is not compared. */
  readonly compareUpdatedAt: boolean;
  /** Greatest share (0..1) of the pipeline's identities that may be removed. */
  readonly maxRemovedShare: number;
  /** Counts up to OutputValidation; publish completes them with Finalize. */
  readonly counts: StepCounts;
  /** Cursor that the pipeline gets when the run succeeds. */
  readonly cursor: string | null;
  /** What is to be known of the run; asked when everything has been staged and refused. */
  readonly report?: () => RunReport;
}

/** What a run has to tell its user beside its counts. */
export interface RunReport {
  /** What the user should know of an import that succeeded, such as why nothing was removed. */
  readonly notice: string | null;
  readonly failures: readonly FailureGroup[];
}

/** What a publish left behind in the fence row, and from which a run is settled, by this attempt or by a later one. */
export interface Receipt {
  readonly run: number;
  /** The attempt that has published; 0 where that is not known. */
  readonly epoch: number;
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Records that had the identifier of another record of the run, which won. */
  readonly merged: number;
  readonly cursor: string | null;
  readonly report: RunReport | null;
}

/**
 * One attempt's hold on the warehouse. Contract:
 * - Beginning it commits (run, epoch) to the pipeline's fence, after ending what older attempts still do; a newer epoch or a
 *   tombstone there refuses it with FenceLostError.
 * - `stage` holds back its caller when the warehouse is slower; it may return before the rows have arrived.
 * - `publish` first waits for all that was staged. It is one transaction: either everything that was staged becomes visible
 *   together with the receipt, or nothing. It refuses with FenceLostError once a later attempt has begun, with DeleteBrake
 *   when it would remove too much, and with StagedRowsMissing when fewer rows are staged than were acknowledged.
 * - A lost connection ends the attempt: it never reconnects and goes on. An aborted signal does the same at once.
 * - `close` drops what was staged, best effort; it is idempotent and never throws.
 */
export interface ImportAttempt {
  /** Not null when an earlier attempt of this run has published: there is nothing left to do but to settle. */
  readonly receipt: Receipt | null;
  stage(rows: readonly StagedRow[]): Promise<void>;
  /** Keeps the existing identities of records that failed; takes part in finding vanished identities only. */
  keep(userIds: readonly string[]): Promise<void>;
  publish(plan: PublishPlan): Promise<Receipt>;
  close(): Promise<void>;
}

/** What a run needs of a workspace's data warehouse. */
export interface Warehouse {
  beginImport(target: ImportTarget, signal: AbortSignal): Promise<ImportAttempt>;
  beginExport(target: ExportTarget, signal: AbortSignal): Promise<ExportAttempt>;
  /**
   * Takes the fence as an attempt does, so that no earlier one can publish any more, and looks whether one has. null where none has.
   */
  findReceipt(attempt: AttemptTarget, signal: AbortSignal): Promise<Receipt | null>;
  /** See {@link DryImport}. `epoch` is of no importance. */
  beginDryImport(target: ImportTarget, signal: AbortSignal): Promise<DryImport>;
  /**
   * An attempt that takes no fence, and whose `accept`, `confirm`, `forget` and `publish` are never called: all that it writes only its
   * session sees. Fingerprints that earlier attempts noted as accepted count as they would.
   */
  beginDryExport(target: ExportTarget, signal: AbortSignal): Promise<ExportAttempt>;
}

/** A later attempt owns the pipeline, or the pipeline was deleted: whoever gets this writes nothing more. */
export class FenceLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FenceLostError';
  }
}
