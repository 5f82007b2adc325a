import { ValueFailure } from '@penstock/language';

/** The failure of a value that the file can hold and the type of its property cannot. */
export function refuse(code: string, message: string): ValueFailure {
  return new ValueFailure('InputValidation', code, message);
}
