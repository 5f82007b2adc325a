import type { Purpose } from '../functions/function-definition.js';
import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { patternText } from '../values/shown-text.js';
import { MAX_TEXT_LENGTH } from '../values/text-limit.js';
import { type FailureStep, ValueFailure } from '../values/value.js';

/** How the failures of one place speak: at which step they happen, and what they call the value that they refuse. */
export interface Voice {
  readonly step: FailureStep;
  subject(path: string): string;
  /** What a number is called; the subject itself unless this says otherwise. */
  number?(path: string): string;
  quote(text: string): string;
  suffix(path: string): string;
}

/** Makes the failures about the value at one path. They are made when a definition is compiled, not for each record. */
export class Wording {
  readonly #voice: Voice;
  readonly #path: string;

  constructor(voice: Voice, path: string) {
    this.#voice = voice;
    this.#path = path;
  }

  /** The wording about a property of the value. */
  member(name: string): Wording {
    return new Wording(this.#voice, this.#path === '' ? name : `${this.#path}.${name}`);
  }

  notNullable(): ValueFailure {
    return this.#fail('NotNullable', 'has value null but it is not nullable');
  }

  missing(): ValueFailure {
    return this.#fail('Missing', 'does not have a value, but the property is not optional for reading');
  }

  requiredButNull(purpose: Purpose): ValueFailure {
    return this.#fail(requiredCode(purpose), `is null but it is required for ${purposeText(purpose)}`);
  }

  requiredButMissing(purpose: Purpose): ValueFailure {
    return this.#fail(requiredCode(purpose), `is missing but it is required for ${purposeText(purpose)}`);
  }

  notConvertible(type: Type): ValueFailure {
    return this.#fail('NotConvertible', `is not convertible to the ${this.#voice.quote(typeText(type))} type`);
  }

  notNumberOf(type: Type): ValueFailure {
    return this.#failNumber('NumberOutOfRange', `is not a ${this.#voice.quote(typeText(type))} value`);
  }

  less(minimum: number | string): ValueFailure {
    return this.#failNumber('TooSmall', `is less than ${minimum}`);
  }

  greater(maximum: number | string): ValueFailure {
    return this.#failNumber('TooLarge', `is greater than ${maximum}`);
  }

  notDatetime(): ValueFailure {
    return this.#fail('NotDatetime', 'is not parsable as a date time in ISO 8601 format');
  }

  notDate(): ValueFailure {
    return this.#fail('NotDate', 'is not parsable as a date in ISO 8601 format');
  }

  notTime(): ValueFailure {
    return this.#fail('NotTime', 'is not parsable as a time in ISO 8601 format');
  }

  notUuid(): ValueFailure {
    return this.#fail('NotUUID', 'is not parsable as a UUID');
  }

  notIp(): ValueFailure {
    return this.#fail('NotIP', 'is not parsable as an IP address');
  }

  yearOutOfRange(): ValueFailure {
    const { step, subject, suffix } = this.#voice;
    const message = `year of ${subject(this.#path)} is not in range [1,9999]${suffix(this.#path)}`;
    return new ValueFailure(step, 'YearOutOfRange', message);
  }

  notAllowed(): ValueFailure {
    return this.#fail('NotAllowed', 'is not one of the allowed values');
  }

  noMatch(pattern: string): ValueFailure {
    return this.#fail('NoMatch', `does not match ${this.#voice.quote(patternText(pattern))}`);
  }

  tooManyBytes(limit: number): ValueFailure {
    return this.#fail('TooManyBytes', `exceeds the ${limit}-byte limit`);
  }

  tooManyChars(limit: number): ValueFailure {
    return this.#fail('TooManyChars', `exceeds the ${limit}-char limit`);
  }

  /** Of texts that are longer than any may be. */
  tooLong(): ValueFailure {
    return this.#fail('TooLong', `is longer than ${MAX_TEXT_LENGTH} characters`);
  }

  notUnicode(): ValueFailure {
    return this.#fail('NotUnicode', 'has text that is not valid Unicode');
  }

  keyNotUnicode(): ValueFailure {
    return this.#fail('NotUnicode', 'has a key that is not valid Unicode');
  }

  tooFewElements(limit: number): ValueFailure {
    return this.#fail('TooFewElements', `contains less than ${limit} elements`);
  }

  tooManyElements(limit: number): ValueFailure {
    return this.#fail('TooManyElements', `contains more than ${limit} elements`);
  }

  repeatedElement(): ValueFailure {
    return this.#fail('RepeatedElement', 'contains a duplicated value');
  }

  #fail(code: string, text: string): ValueFailure {
    const { step, subject, suffix } = this.#voice;
    return new ValueFailure(step, code, `${subject(this.#path)} ${text}${suffix(this.#path)}`);
  }

  #failNumber(code: string, text: string): ValueFailure {
    const { step, subject, number = subject, suffix } = this.#voice;
    return new ValueFailure(step, code, `${number(this.#path)} ${text}${suffix(this.#path)}`);
  }
}

function requiredCode(purpose: Purpose): string {
  return purpose === 'Update' ? 'RequiredForUpdate' : 'RequiredForCreation';
}

function purposeText(purpose: Purpose): string {
  return purpose === 'Update' ? 'update' : 'creation';
}
