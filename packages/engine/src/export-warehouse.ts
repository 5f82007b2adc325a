import type { ExportMode, RecordFailure, StepCounts } from '@penstock/domain';
import type { Filter, Value } from '@penstock/language';
import type { SourceColumn } from './source.js';
import type { AttemptTarget, Receipt, RunReport, WarehouseColumn } from './warehouse.js';

/** Which run of which pipeline exports. */
export interface ExportTarget extends AttemptTarget {
  /** Of the pipeline's definition, under which what is accepted is noted. */
  readonly version: number;
  /** What is written to: fingerprints of another one are forgotten when an attempt begins. */
  readonly destination: string;
}

/** Which profiles an export looks at, and what it reads of them. */
export interface ExportQuery {
  /** What is read of each profile, in this order. */
  readonly columns: readonly WarehouseColumn[];
  /** All columns of the profile schema, which the filter may use. */
  readonly filterColumns: readonly WarehouseColumn[];
  /** Which profiles take part; null takes all. */
  readonly filter: Filter | null;
  /** Path of the property by which profiles come, ascending, those without a value last, then by id; null: in any order. */
  readonly orderBy: string | null;
  /**
   * Version of the pipeline's definition. Profiles that have not changed since the destination accepted them under the same version are
   * not delivered, only counted; null delivers all, as a full run does and as files need it.
   */
  readonly unlessAcceptedUnder: number | null;
  /**
   * Path of a property of which it is to be found out whether all profiles that take part have different values. It is not looked at once the
   * destination has accepted something: a profile that fails keeps the key that was accepted of it.
   */
  readonly uniquePath?: string;
  /** How profiles are matched with users of an application; absent for other destinations. */
  readonly matching?: MatchingQuery;
}

export interface MatchingQuery {
  /** Path of the property of profiles that is compared, as text, with what {@link ExportAttempt.stageUsers} has staged. */
  readonly path: string;
  readonly mode: ExportMode;
  /** Whether the users were staged; else the application has who was accepted before, and nobody is matched. */
  readonly knowsUsers: boolean;
}

/**
 * A profile as it is delivered: its id, its revision, what the destination has accepted of it, then the fields of the columns of the
 * query as those of a source; a field that is null is a property that the profile does not have.
 */
export interface ExportedProfile {
  readonly id: string;
  /** Grows whenever the profile changes; text of an integer. */
  readonly revision: string;
  /** null where the destination has accepted nothing of it, or under a key that is not known any more. */
  readonly accepted: AcceptedState | null;
  readonly fields: readonly (string | null)[];
  /** Only with a matching query. */
  readonly match?: ProfileMatch;
}

export interface AcceptedState {
  readonly fingerprint: string;
  readonly key: string | null;
  readonly externalId: string | null;
  /** Whether an earlier attempt of this same run has sent it. */
  readonly byThisRun: boolean;
}

/** Who a profile is in an application, and who among the other profiles has the same value of the matching property. */
export interface ProfileMatch {
  /** Text of the matching value; null where the profile has none. */
  readonly value: string | null;
  /**
   * Identifiers of the profile's users: the one that the application has accepted it as, if that one was staged or was accepted by this run; otherwise
   * those with the value, in their order.
   */
  readonly externalIds: readonly string[];
  /** Another profile of this export with the same value; null where there is none. */
  readonly duplicateOf: string | null;
}

/** Profiles that are read in one snapshot. `batches` can be iterated once; a read that is cut short throws. */
export interface ProfileReader {
  /** By position of the query's columns: how the fields become values. */
  readonly columns: readonly SourceColumn[];
  batches(): AsyncIterable<readonly ExportedProfile[]>;
  /** How many profiles take part, whether they are delivered or not; known before the first batch. */
  readonly total: number;
  /** Whether it is certain that no two records can have the same value at the unique path; false where nobody asked. */
  readonly isUnique: boolean;
  close(): Promise<void>;
}

/** What the destination is going to have of a profile, or has. */
export interface SentRecord {
  readonly profile: string;
  readonly revision: string;
  /** Canonical text of the value of the key; null where there is no key. */
  readonly key: string | null;
  readonly fingerprint: string;
  readonly externalId: string | null;
  /** Whether the destination has not had it before. */
  readonly isNew: boolean;
}

/** A record that has the key of another profile. */
export interface DuplicateKey {
  readonly profile: string;
  /** The number that it was staged with; null for one that has not changed and so was not staged. */
  readonly sequence: number | null;
  /** Whether the destination has not had it before. */
  readonly isNew: boolean;
  /** Another profile with the key. */
  readonly other: string;
}

/** A record that the destination has, of a profile that does not take part any more. */
export interface LeftRecord {
  readonly profile: string;
  /** null also where a profile that takes part has the key now: the record is that profile's, and stays. So is {@link externalId}. */
  readonly key: string | null;
  readonly externalId: string | null;
}

export interface ExportPlan {
  /** Counts of all steps. */
  readonly counts: StepCounts;
  /** How many records the destination got that it did not have before; null counts those that were noted as accepted. */
  readonly added: number | null;
  readonly report: RunReport | null;
}

/**
 * One attempt's hold on the warehouse, for an export. Contract:
 * - Beginning it takes the pipeline's fence as an import does; then it makes what earlier attempts have noted as accepted part of the
 *   fingerprints.
 * - `read` sees one snapshot, which the other questions share: `duplicates`, `left`. It is called once, after `stageUsers`.
 * - Two ways to note what a destination accepted. `stage` collects records that are going to be sent; nothing of them counts
 *   before `publish`, and those that were given to `refuse` never do. `accept` notes records that have been accepted, for good, when
 *   it resolves: also for later attempts, should this one die. An attempt uses one of them.
 * - `confirm` says of unchanged records that the destination has them as they are at their present revision.
 * - `noteFailed` is told who failed, of those whom the destination has accepted something of: like those that were refused, they are delivered by the
 *   next run, and sent, whether they change or not. `duplicates` does not yield them, as they have failed already, but a staged record with the key that
 *   one of them still holds is a duplicate of it.
 * - `forget` drops the fingerprints of records that the destination has no more, and adds to what the run has removed there, for good when
 *   it resolves.
 * - `requireOwnership` throws FenceLostError once a later attempt has begun: it is asked before what cannot be undone.
 * - `publish` makes what was staged the fingerprints and leaves the receipt, in one transaction; FenceLostError once a later attempt
 *   has begun. The receipt's added, changed and removed count what this run, in all its attempts, has sent and removed.
 * - A lost connection ends the attempt. An aborted signal does so at once. `close` is idempotent and never throws.
 */
export interface ExportAttempt {
  readonly receipt: Receipt | null;
  /** All users of the application, those without a matching value too: whether who was accepted is still there is asked of all. */
  stageUsers(users: readonly { readonly externalId: string; readonly matching: string | null }[]): Promise<void>;
  read(query: ExportQuery): Promise<ProfileReader>;
  /** The numbers of the records are consecutive from the first one's. */
  stage(records: readonly SentRecord[], firstSequence: number): Promise<void>;
  noteFailed(profiles: readonly string[]): Promise<void>;
  /** All records that share a key, of those that were staged and of those that take part and have not changed. */
  duplicates(): AsyncIterable<readonly DuplicateKey[]>;
  /** Says of staged records that the destination does not have them; their profiles, by position. */
  refuse(sequences: readonly number[]): Promise<readonly string[]>;
  accept(records: readonly SentRecord[]): Promise<void>;
  confirm(records: readonly SentRecord[]): Promise<void>;
  /** How many records have left, and how many the destination has accepted in all. */
  countLeft(): Promise<{ readonly left: number; readonly accepted: number }>;
  /** Records of profiles that have left. */
  left(): AsyncIterable<readonly LeftRecord[]>;
  /** `removed`: how many records the destination had of the profiles, and has no more. */
  forget(profiles: readonly string[], removed: number): Promise<void>;
  requireOwnership(): Promise<void>;
  publish(plan: ExportPlan): Promise<Receipt>;
  close(): Promise<void>;
}

/** What a dry run of an import found. Nothing of it was written. */
export interface DryImportCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly merged: number;
  /** Identities that the pipeline has now. */
  readonly existing: number;
}

/**
 * Stages as an import does, without taking the fence, into a table that only its session sees; `count` then counts what a publish would do,
 * in one read-only snapshot. Runs of the pipeline go on meanwhile.
 */
export interface DryImport {
  stage(rows: readonly (readonly [userId: string, updatedAt: string, ...values: Value[]])[]): Promise<void>;
  keep(userIds: readonly string[]): Promise<void>;
  /** Also throws what ends a publish, but for the delete brake: {@link DryImportCounts.existing} tells. */
  count(request: { readonly removeVanished: boolean; readonly compareUpdatedAt: boolean }): Promise<DryImportCounts>;
  close(): Promise<void>;
}

export type OnRefused = (failure: RecordFailure) => void;
