import type { Type } from '../types/type.js';
import type { Value, ValueFailure } from '../values/value.js';
import { compileDataReader } from './compile-data-reader.js';

/** Reads one value of the JSON of the API as {@link compileDataReader} does, which is for many values of a type. */
export function fromDataJson(type: Type, json: unknown): Value | ValueFailure {
  return compileDataReader(type)(json);
}
