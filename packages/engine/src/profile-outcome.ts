import type { RecordFailure, Step, Tally } from '@penstock/domain';
import type { Value } from '@penstock/language';
import type { OutcomeSinks } from './batch-outcome.js';
import type { ExportedProfile } from './export-warehouse.js';
import type { WarehouseColumn } from './warehouse.js';

/** The steps before Finalize that an export counts; the filter is part of what the warehouse is asked. */
export const TRANSFORMING_STEPS = ['Receive', 'InputValidation', 'Transformation', 'OutputValidation'] as const;

/** Steps of exports that write profiles as they are. */
export const COPYING_STEPS = ['Receive', 'InputValidation'] as const;

/** A profile that has passed the steps up to OutputValidation. */
export interface ReadyProfile {
  readonly profile: ExportedProfile;
  /** By position of the out paths. */
  readonly values: readonly Value[];
}

/** What became of the profiles of one batch. */
export class ProfileOutcome {
  readonly ready: ReadyProfile[] = [];
  /** Ids of those that failed, of which the destination has accepted something before. */
  readonly failedAccepted: string[] = [];
  readonly #failed: Step[] = [];
  readonly #failures: FailedProfiles;

  constructor(failures: FailedProfiles) {
    this.#failures = failures;
  }

  /** One outcome of several. */
  static together(failures: FailedProfiles, outcomes: readonly ProfileOutcome[]): ProfileOutcome {
    const whole = new ProfileOutcome(failures);
    for (const outcome of outcomes) {
      whole.ready.push(...outcome.ready);
      whole.failedAccepted.push(...outcome.failedAccepted);
      whole.#failed.push(...outcome.#failed);
    }
    return whole;
  }

  /** A profile failed a step before Finalize. */
  fail(profile: ExportedProfile, failure: Omit<RecordFailure, 'key'>): void {
    this.#failures.add(profile, failure);
    this.#failed.push(failure.step);
    if (profile.accepted !== null) this.failedAccepted.push(profile.id);
  }

  /** How many profiles the batch had. */
  get size(): number {
    return this.ready.length + this.#failed.length;
  }

  /** Adds the batch to the counts. */
  count(tally: Tally): void {
    for (const step of TRANSFORMING_STEPS) tally.pass(step, this.ready.length);
    for (const failed of this.#failed) {
      for (const step of TRANSFORMING_STEPS) {
        if (step === failed) break;
        tally.pass(step);
      }
      tally.fail(failed);
    }
  }
}

/** Where profiles go that fail. */
export class FailedProfiles {
  readonly #sinks: OutcomeSinks;
  readonly #columns: readonly WarehouseColumn[];

  constructor(sinks: OutcomeSinks, columns: readonly WarehouseColumn[]) {
    this.#sinks = sinks;
    this.#columns = columns;
  }

  add(profile: ExportedProfile, failure: Omit<RecordFailure, 'key'>): void {
    const { failures, rejects } = this.#sinks;
    const known = { ...failure, key: profile.id };
    failures.add(known);
    if (!rejects.isFull) rejects.add({ ...known, record: this.#describe(profile) });
  }

  /** Of a profile only its id is known any more. Its steps have been counted, up to Finalize. */
  addAtFinalize(profile: string, reason: Pick<RecordFailure, 'code' | 'message'>): void {
    this.note(profile, reason);
    this.#sinks.tally.fail('Finalize');
  }

  /** Something went wrong at Finalize that is no matter of a record that is exported, and so is not counted. */
  note(profile: string, { code, message }: Pick<RecordFailure, 'code' | 'message'>): void {
    const { failures, rejects } = this.#sinks;
    const failure = { step: 'Finalize', code, message, key: profile } as const;
    failures.add(failure);
    if (!rejects.isFull) rejects.add({ ...failure, record: null });
  }

  #describe({ fields }: ExportedProfile): string {
    const entries = this.#columns.map(({ path }, index) => [path, fields[index] ?? null] as const);
    return JSON.stringify(Object.fromEntries(entries.filter(([, field]) => field !== null)));
  }
}
