import type { RecordFailure } from '@penstock/domain';

/** A record that failed a step, kept with its reason. */
export interface Reject extends RecordFailure {
  /**
   * The record as the source delivered it: the JSON text of an object with a member for each property of the pipeline's in schema,
   * in its order; null where there was nothing that could be read, or where the warehouse refused the row.
   */
  readonly record: string | null;
}

/** Takes the rejects of an attempt, as many as are kept. `add` never waits. */
export interface RejectSink {
  /** Whether no further reject is kept: then none is made. */
  readonly isFull: boolean;
  add(reject: Reject): void;
}
