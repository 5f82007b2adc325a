import { type Value, ValueFailure } from '@penstock/language';

/** Turns a field of text into the canonical value of its column's type. */
export type Decode = (field: string) => Value | ValueFailure;

/** Makes the decoder of one property; its failures, which name the property, are made here and not for each record. */
export type Decoder = (property: string) => Decode;

const SPACE = 32;
const NINE = 57;
const DATE_LENGTH = 10;
const UTC = '+00';
const BEFORE_CHRIST = 'C';

export const decodeBoolean: Decoder = () => (field) => field === 't';

export const decodeNumber: Decoder = () => Number;

export const decodeFloat32: Decoder = () => (field) => Math.fround(Number(field));

/** A date is written with more or fewer characters when it is infinite, before Christ or after the year 9999. */
export const decodeDate: Decoder = (property) => {
  const outOfRange = yearOutOfRange(property);
  return (field) => (field.length === DATE_LENGTH ? field : outOfRange);
};

/** A time stamp without a zone is taken as UTC. Years of more than four digits have no blank in the tenth place. */
export const decodeTimestamp: Decoder = (property) => {
  const outOfRange = yearOutOfRange(property);
  return (field) => (field.charCodeAt(DATE_LENGTH) === SPACE && !field.endsWith(BEFORE_CHRIST) ? field : outOfRange);
};

/** The session's time zone is UTC, so that the zone of what can be represented is always the same. */
export const decodeTimestamptz: Decoder = (property) => {
  const outOfRange = yearOutOfRange(property);
  return (field) =>
    field.charCodeAt(DATE_LENGTH) === SPACE && field.endsWith(UTC) ? field.slice(0, -UTC.length) : outOfRange;
};

/** PostgreSQL knows the time 24:00:00, which is the next day's. */
export const decodeTime: Decoder = (property) => {
  const outOfRange = refuse('TimeOutOfRange', `time of property "${property}" is after 23:59:59.999999`);
  return (field) => (field.startsWith('24') ? outOfRange : field);
};

/** A numeric that its type keeps within precision and scale; NaN and the infinities end with a letter. */
export const decodeNumeric: Decoder = (property) => {
  const notFinite = refuse('NotFinite', `number of property "${property}" is not finite`);
  return (field) => (field.charCodeAt(field.length - 1) <= NINE ? field : notFinite);
};

function yearOutOfRange(property: string): ValueFailure {
  return refuse('YearOutOfRange', `year of property "${property}" is not in range [1,9999]`);
}

/** The failure of a value that the source can hold and the type cannot. */
export function refuse(code: string, message: string): ValueFailure {
  return new ValueFailure('InputValidation', code, message);
}
