import { twoDigits } from '../digits.js';
import { type Directive, NOT_READ, setField } from './directive.js';

const COLON = 58;
/** Names of zones other than these say nothing certain: CST is used on three continents. */
const NAMES_OF_UTC = ['UTC', 'GMT', 'Z'];

/** `%z`: `Z`, `±hhmm` or `±hh:mm`; written as `+0000`. */
export const zoneOffset: Directive = {
  read: (text, at, fields) => {
    const sign = text.charAt(at);
    if (sign === 'Z') return setField(fields, 'offset', 0) ? at + 1 : NOT_READ;
    if (sign !== '+' && sign !== '-') return NOT_READ;
    const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
    const hours = twoDigits(text, at + 1);
    const minutes = twoDigits(text, minutesAt);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NOT_READ;
    const seconds = hours * 3600 + minutes * 60;
    return setField(fields, 'offset', sign === '-' ? 0 - seconds : seconds) ? minutesAt + 2 : NOT_READ;
  },
  write: () => '+0000',
};

/** `%Z`: a name of UTC; written as `UTC`. */
export const zoneName: Directive = {
  read: (text, at, fields) => {
    const name = NAMES_OF_UTC.find((candidate) => text.startsWith(candidate, at));
    return name !== undefined && setField(fields, 'offset', 0) ? at + name.length : NOT_READ;
  },
  write: () => 'UTC',
};
