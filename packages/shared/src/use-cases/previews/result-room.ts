import type { AppError } from '@penstock/domain';
import { textLength, type Value, ValueFailure } from '@penstock/language';
import type { TransformationPreview } from '../../contracts/previews.js';
import { cutText, refuse } from '../../contracts/violations.js';
import { type OutputShape, outputRecord } from './output-records.js';

/** Text of the results of one preview, in characters: an expression can make much of little. */
const MAX_RESULT_LENGTH = 8 * 1024 * 1024;

type Result = TransformationPreview['results'][number];

/** Makes the results of one preview, as long as there is room for them. */
export class ResultRoom {
  readonly #shape: OutputShape;
  #left = MAX_RESULT_LENGTH;

  constructor(shape: OutputShape) {
    this.#shape = shape;
  }

  /** The result of a record. @throws AppError BadRequest when all results together are too long */
  resultOf(outcome: readonly Value[] | ValueFailure): Result {
    const result = outcome instanceof ValueFailure ? failed(outcome) : { output: this.#output(outcome) };
    this.#take(JSON.stringify(result).length);
    return result;
  }

  /** Texts are counted before anything is made of them: one record alone can be far too long. */
  #output(values: readonly Value[]) {
    if (textLength(values) > this.#left) throw tooMuch();
    return outputRecord(this.#shape, values);
  }

  #take(length: number): void {
    this.#left -= length;
    if (this.#left < 0) throw tooMuch();
  }
}

/** An answer of a function, which is not read when it is too long. @throws AppError BadRequest */
export function requireRoom(answer: string): string {
  if (answer.length > MAX_RESULT_LENGTH) throw tooMuch();
  return answer;
}

function failed({ step, message }: ValueFailure): Result {
  return {
    error: { step: step === 'OutputValidation' ? 'OutputValidation' : 'Transformation', message: cutText(message) },
  };
}

function tooMuch(): AppError {
  return refuse([{ path: 'records', message: 'make more than 8 MB of results: send fewer or smaller records' }]);
}
