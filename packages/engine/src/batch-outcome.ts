import type { RecordFailure, Step, Tally } from '@penstock/domain';
import type { FailureGroups } from './failure-groups.js';
import type { RejectSink } from './rejects.js';
import type { StagedRow } from './warehouse.js';

/** Where the outcomes of records go, besides the warehouse. */
export interface OutcomeSinks {
  readonly tally: Tally;
  readonly failures: FailureGroups;
  readonly rejects: RejectSink;
}

/** What became of the records of one batch. */
export class BatchOutcome {
  readonly staged: StagedRow[] = [];
  /** Identifiers of failed records, whose identities are kept. */
  readonly failedKeys: string[] = [];
  /** Failed records that have no identifier. */
  withoutKey = 0;
  readonly #failedSteps: Step[] = [];
  readonly #sinks: OutcomeSinks;

  constructor(sinks: OutcomeSinks) {
    this.#sinks = sinks;
  }

  /** A record failed a step. `record` makes its text, and is only called where the reject is kept. */
  fail(failure: RecordFailure, record: () => string | null): void {
    const { failures, rejects } = this.#sinks;
    failures.add(failure);
    if (!rejects.isFull) rejects.add({ ...failure, record: record() });
    this.#failedSteps.push(failure.step);
    if (failure.key === null) this.withoutKey += 1;
    else this.failedKeys.push(failure.key);
  }

  /** The filter does not want a record: that is no failure of the record's, and nothing of it is kept. */
  drop(): void {
    this.#failedSteps.push('Filter');
  }

  /** Adds the batch to the counts. `steps` are those that are counted, in their order; a record passed all before the one it failed. */
  count(steps: readonly Step[]): void {
    const { tally } = this.#sinks;
    for (const step of steps) tally.pass(step, this.staged.length);
    for (const failed of this.#failedSteps) {
      for (const step of steps) {
        if (step === failed) break;
        tally.pass(step);
      }
      tally.fail(failed);
    }
  }
}
