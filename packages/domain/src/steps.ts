/** The six steps in the order in which a record passes them; also the order of `passed` and `failed` in the API. */
export const STEPS = [
  'Receive',
  'InputValidation',
  'Filter',
  'Transformation',
  'OutputValidation',
  'Finalize',
] as const;

export type Step = (typeof STEPS)[number];

/** How many records passed and failed at each step. Lives as long as an attempt; only counts up. */
export class Tally {
  readonly passed: number[] = STEPS.map(() => 0);
  readonly failed: number[] = STEPS.map(() => 0);

  pass(step: Step, records = 1): void {
    const index = STEPS.indexOf(step);
    this.passed[index] = (this.passed[index] ?? 0) + records;
  }

  fail(step: Step, records = 1): void {
    const index = STEPS.indexOf(step);
    this.failed[index] = (this.failed[index] ?? 0) + records;
  }

  /** Every record that was looked at, whatever became of it. */
  get received(): number {
    return (this.passed[0] ?? 0) + (this.failed[0] ?? 0);
  }

  snapshot(): StepCounts {
    return { passed: [...this.passed], failed: [...this.failed] };
  }
}

/** Six counters each, by position of {@link STEPS}. */
export interface StepCounts {
  readonly passed: readonly number[];
  readonly failed: readonly number[];
}

export const NO_COUNTS: StepCounts = { passed: STEPS.map(() => 0), failed: STEPS.map(() => 0) };

/** One record that failed a step. A record's failure is data and never an exception. */
export interface RecordFailure {
  readonly step: Step;
  readonly code: string;
  /** Says which property broke which rule; never holds the record's values. */
  readonly message: string;
  /** The record's identifier, where it has one. */
  readonly key: string | null;
}
