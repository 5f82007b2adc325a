import type { AppError } from '@penstock/domain';
import type { Transformation } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';

/**
 * Work is a weight times the characters that are worked on; it takes 1 to 4 ns, with what is made to be slow up to 12. This much
 * may be done for one record, or one answer of a function, which nothing interrupts: nearly always less than 0.1 s.
 */
const MAX_STEP_WORK = 25_000_000;

/** This much may be done for one request: nearly always less than 1 s, in turns with others. */
const MAX_WORK = 250_000_000;

/** Characters that a record counts at least: what is written out in expressions takes time without any. */
const MIN_LENGTH = 64;

/** Characters that a value counts at least: an array of numbers has no text, and takes time all the same. */
const MIN_VALUE_LENGTH = 8;

/** Weight of a state of a pattern: the worst of texts has all states looked at for each character, and remembered in vain. */
const STATE_WEIGHT = 25;

/** Adds up the work of one request. */
export class WorkBudget {
  readonly #message: string;
  #left = MAX_WORK;

  /** `message` says what is too long for the records. */
  constructor(message: string) {
    this.#message = message;
  }

  /** @throws AppError BadRequest when a step, or all of them together, are too much work */
  take(weight: number, length: number): void {
    const work = weight * length;
    this.#left -= work;
    if (work > MAX_STEP_WORK || this.#left < 0) throw this.#refusal();
  }

  #refusal(): AppError {
    return refuse([{ path: 'records', message: this.#message }]);
  }
}

/** The weight of looking for a pattern of so many states. */
export function patternWeight(states: number): number {
  return states * STATE_WEIGHT;
}

/** Refuses records that a mapping would work on for seconds. @throws AppError BadRequest */
export function requireBearable(transformation: Transformation, rows: readonly (readonly Value[])[]): void {
  if (transformation.by === 'function') return;
  const { weight } = transformation.mapping;
  const budget = new WorkBudget('the mapping is too long for records of this size: send fewer or smaller records');
  for (const row of rows) budget.take(weight, Math.max(MIN_LENGTH, lengthOf(row)));
}

/** How long a value, or a JSON value, is to work on, in characters. */
export function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + MIN_VALUE_LENGTH;
  let length = MIN_VALUE_LENGTH;
  if (typeof value !== 'object' || value === null) return length;
  if (Array.isArray(value)) {
    for (const element of value) length += lengthOf(element);
    return length;
  }
  for (const [key, member] of Object.entries(value)) length += key.length + lengthOf(member);
  return length;
}
