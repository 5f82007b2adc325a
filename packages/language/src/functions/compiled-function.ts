import type { Property } from '../types/type.js';
import type { Value, ValueFailure } from '../values/value.js';

/**
 * A transformation function that has been checked against its schemas: how records are handed to the sandbox that runs it and
 * how its answers become values. It runs nothing itself.
 */
export interface CompiledFunction {
  /** Sorted. */
  readonly inPaths: readonly string[];
  /** Sorted. */
  readonly outPaths: readonly string[];
  /** By position of `outPaths`. */
  readonly outProperties: readonly Property[];
  /** The program that the sandbox runs: the user's source and how records get into it and out of it. */
  readonly program: FunctionProgram;
  /** The text of a batch of records; each row holds the top-level properties of the in schema by position. */
  encodeBatch(rows: readonly (readonly Value[])[]): string;
  /**
   * Reads the sandbox's answer to a batch of `count` records: for each the values by position of `outPaths`, or why it failed,
   * at Transformation (the function threw) or OutputValidation (its result does not fit). Whatever the answer says is checked.
   * Throws {@link FunctionAnswerError} when it is no answer to such a batch.
   */
  decodeBatch(answer: string, count: number): readonly (Value[] | ValueFailure)[];
}

/** What a sandbox is given once, before the first batch. */
export interface FunctionProgram {
  readonly language: 'JavaScript' | 'Python';
  /**
   * The user's source. Its top level runs once, when the sandbox opens; what it keeps between records may be lost between any
   * two of them.
   */
  readonly source: string;
  /** Our code in the function's language, run in the sandbox beside the source. */
  readonly bridge: string;
}

/** What the sandbox answered is not an answer: the function has tampered with it. Ends the run. */
export class FunctionAnswerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FunctionAnswerError';
  }
}
