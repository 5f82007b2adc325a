import { AppError } from '@penstock/domain';
import { MAX_JSON_DEPTH } from '@penstock/language';
import { MAX_FILE_COLUMNS, MAX_RECORD_BYTES } from '../files/limits.js';

/** A place in a file, from 1; the column counts characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const SHAPES =
  'records must be an array of objects, an object whose only property is such an array, or one object per line (JSON Lines)';
const MEBIBYTE = 1024 * 1024;

export function notJson(place: Place): AppError {
  return invalid(`${at(place)}: this is not valid JSON; correct the file or export it again`);
}

export function notUtf8(place: Place): AppError {
  return invalid(`${at(place)}: this is not UTF-8; save the file as UTF-8`);
}

export function utf16(): AppError {
  return invalid('the file is in UTF-16 or UTF-32; save it as UTF-8');
}

export function cutOff({ line, column }: Place): AppError {
  return invalid(
    `the file ends at line ${line}, column ${column}, before its JSON is complete: it was cut off; export or upload it again`,
  );
}

/** `what` says what there is instead of a shape that is read. */
export function otherShape(place: Place, what: string): AppError {
  return invalid(`${at(place)}: ${what}, a shape of JSON that cannot be read; ${SHAPES}`);
}

export function tooDeep(place: Place): AppError {
  return invalid(`${at(place)}: a value is nested deeper than ${MAX_JSON_DEPTH} levels; at most these can be read`);
}

export function tooLarge({ line }: Place): AppError {
  const limit = MAX_RECORD_BYTES / MEBIBYTE;
  return invalid(
    `the record that begins in line ${line} is larger than ${limit} MiB; at most these can be read; ${SHAPES}`,
  );
}

export function tooManyProperties(): AppError {
  return invalid(
    `the records have more than ${MAX_FILE_COLUMNS} properties; name those to be read in the setting "properties"`,
  );
}

export function noColumns(message: string): AppError {
  return new AppError('NoColumnsFound', { message });
}

/** `what` is the beginning of the sentence: the file, or what is said of it. */
export function noRecordsYet(what: string): AppError {
  return noColumns(
    `${what} has no records yet that could say which properties there are; name them in the setting "properties"`,
  );
}

function at({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}

function invalid(message: string): AppError {
  return new AppError('InvalidFile', { message });
}
