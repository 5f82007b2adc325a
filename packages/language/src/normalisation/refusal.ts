import { Wording } from '../conversions/wording.js';
import { intRange } from '../types/natural-range.js';
import type { IntType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { type Value, ValueFailure } from '../values/value.js';
import { rawTypeName } from './raw-type.js';

/** Code points of a map's key that a path shows. */
const SHOWN_KEY_LENGTH = 40;

/** Why a raw value was refused, without the path: each container around it adds a step on the way out. */
export class Refusal {
  readonly code: string;
  readonly text: string;
  readonly path: string;

  constructor(code: string, text: string, path = '') {
    this.code = code;
    this.text = text;
    this.path = path;
  }

  /** The refusal of what a constraint has refused. */
  static of(failure: ValueFailure): Refusal {
    return new Refusal(failure.code, failure.message.trimStart());
  }

  inElement(index: number): Refusal {
    return new Refusal(this.code, this.text, `[${index}]${this.path}`);
  }

  inProperty(name: string): Refusal {
    return new Refusal(this.code, this.text, `.${name}${this.path}`);
  }

  /** Keys of a map are data: only the start of a long one is shown. */
  inKey(key: string): Refusal {
    const shown = key.length > SHOWN_KEY_LENGTH ? `${key.slice(0, SHOWN_KEY_LENGTH)}…` : key;
    return new Refusal(this.code, this.text, `[${JSON.stringify(shown)}]${this.path}`);
  }

  /** The failure for the property at a path; '' is the value itself. */
  at(path: string): ValueFailure {
    const full = path === '' && this.path.startsWith('.') ? this.path.slice(1) : path + this.path;
    const subject = full === '' ? 'value' : `property '${shownText(full, MAX_SHOWN.path)}'`;
    return new ValueFailure('InputValidation', this.code, `${subject} ${this.text}`);
  }
}

/** The words of the constraints, without a subject: {@link Refusal} adds it. */
export const bareWording = new Wording(
  { step: 'InputValidation', subject: () => '', quote: (text) => text, suffix: () => '' },
  '',
);

/** What a raw value becomes. */
export type Normalised = Value | Refusal;

/** Turns a raw value that is neither null nor undefined into the canonical form of a type. */
export type Normaliser = (raw: unknown) => Normalised;

export const NULL_REFUSED = Refusal.of(bareWording.notNullable());
export const MISSING = Refusal.of(bareWording.missing());
export const NOT_TEXT = new Refusal('InvalidText', 'is not valid Unicode text');
export const NOT_READABLE = new Refusal('Unreadable', 'cannot be read');
export const YEAR_OUT_OF_RANGE = new Refusal('YearOutOfRange', 'has a year that is not in the range [1, 9999]');

/** A value of a JavaScript type that the type does not accept. */
export function wrongType(type: Type): Normaliser {
  const allowed = typeText(type);
  return (raw) => new Refusal('WrongType', `has type ${rawTypeName(raw)} that is not allowed for type ${allowed}`);
}

/** A value of an accepted type that does not spell a value of the kind. */
export function notConvertible(type: Type): Refusal {
  return Refusal.of(bareWording.notConvertible(type));
}

/** A number that precision, scale or bit size cannot hold. */
export function notHeld(type: Type): Refusal {
  return Refusal.of(bareWording.notNumberOf(type));
}

/** An integer outside the range of its bit size. */
export function outOfBitSize(type: IntType): Refusal {
  const { minimum, maximum } = intRange(type);
  return new Refusal('NumberOutOfRange', `has a value which is not in the range [${minimum}, ${maximum}]`);
}
