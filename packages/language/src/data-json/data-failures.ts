import { MAX_LISTED, MAX_SHOWN, patternText, shownText } from '../values/shown-text.js';
import { ValueFailure } from '../values/value.js';

/** A failure of reading a value from the JSON of the API. */
export class DataFailure extends ValueFailure {
  /** Where the value is, as in `a.b[0].c`; '' is the whole. */
  readonly path: string;
  /** The message without its subject. */
  readonly text: string;

  constructor(code: string, path: string, text: string) {
    const shown = shownText(path, MAX_SHOWN.path);
    const subject = path === '' ? 'value' : `${code === 'Missing' ? 'non-optional property' : 'property'} "${shown}"`;
    super('InputValidation', code, `${subject} ${text}`);
    this.path = path;
    this.text = text;
  }
}

function fail(code: string, path: string, text: string): ValueFailure {
  return new DataFailure(code, path, text);
}

export function notValid(path: string): ValueFailure {
  return fail('NotValid', path, 'does not have a valid value');
}

export function nullRefused(path: string): ValueFailure {
  return fail('NotNullable', path, 'cannot be null');
}

export function outOfRange(path: string, minimum: unknown, maximum: unknown): ValueFailure {
  return fail('OutOfRange', path, `is out of range [${minimum}, ${maximum}]`);
}

export function tooLong(path: string, limit: number, unit: 'bytes' | 'characters'): ValueFailure {
  return fail(unit === 'bytes' ? 'TooManyBytes' : 'TooManyChars', path, `is longer than ${limit} ${unit}`);
}

export function notAllowed(path: string, values: readonly string[]): ValueFailure {
  return fail('NotAllowed', path, `has an invalid value; valid values are ${listOf(values)}`);
}

/** The first of many values, and how many more there are. */
function listOf(values: readonly string[]): string {
  const quoted = values.slice(0, MAX_LISTED).map((value) => JSON.stringify(shownText(value, MAX_SHOWN.value)));
  if (values.length > MAX_LISTED) return `${quoted.join(', ')}, and ${values.length - MAX_LISTED} more`;
  return quoted.length < 3 ? quoted.join(' and ') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
}

export function noMatch(path: string, pattern: string): ValueFailure {
  return fail('NoMatch', path, `does not match ${patternText(pattern)}`);
}

export function notExisting(path: string): ValueFailure {
  return fail('NotExist', path, 'does not exist');
}

export function missing(path: string): ValueFailure {
  return fail('Missing', path, 'is missing');
}

export function wrongElements(path: string, code: string, text: string): ValueFailure {
  return fail(code, path, text);
}
