import { AppError } from '@penstock/domain';
import { isPropertyName } from '@penstock/language';
import { MAX_FILE_COLUMNS } from './limits.js';

/** Greatest length of a property's name that a header makes, in characters. */
const MAX_NAME_LENGTH = 100;

/** A column of a header: its property name, and what the header has where that is another text. */
export interface NamedColumn {
  readonly name: string;
  readonly description?: string;
}

/**
 * Names the columns of a header. A text that is no property name becomes one: accents are dropped, every run of other characters
 * becomes one `_`. The place is undefined where nothing is left: the column cannot be read, and `issues` says so.
 * @throws AppError InvalidFile when two columns have one name, NoColumnsFound when there is none.
 */
export function nameColumns(header: readonly string[]): {
  readonly columns: readonly (NamedColumn | undefined)[];
  readonly issues: readonly string[];
} {
  checkCount(header.length);
  const issues: string[] = [];
  const positions = new Map<string, number>();
  const columns = header.map((text, index): NamedColumn | undefined => {
    const name = propertyName(text);
    if (name === undefined) {
      issues.push(
        `column ${index + 1} is left out: its header ${describe(text)} makes no property name; rename it in the file`,
      );
      return undefined;
    }
    const first = positions.get(name);
    if (first !== undefined) throw sameName(name, first, index);
    positions.set(name, index);
    return name === text ? { name } : { name, description: shorten(text) };
  });
  if (positions.size === 0) throw noColumns();
  return { columns, issues };
}

/** The names of columns without a header: `A` to `Z`, `AA`, ... @throws AppError NoColumnsFound */
export function letterColumns(count: number): readonly NamedColumn[] {
  checkCount(count);
  if (count === 0) throw noColumns();
  return Array.from({ length: count }, (_, index) => ({ name: letters(index) }));
}

function propertyName(text: string): string | undefined {
  if (isPropertyName(text) && text.length <= MAX_NAME_LENGTH) return text;
  const plain = text
    .slice(0, 10 * MAX_NAME_LENGTH)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .trim();
  // A letter of another script cannot be dropped: what is left would mean something else.
  if (/[^\P{L}A-Za-z]/u.test(plain)) return undefined;
  const name = plain.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, MAX_NAME_LENGTH);
  if (/^_*$/.test(name)) return undefined;
  return isPropertyName(name) ? name : `_${name}`;
}

function letters(index: number): string {
  const LETTERS = 26;
  const FIRST = 65;
  const last = String.fromCharCode(FIRST + (index % LETTERS));
  return index < LETTERS ? last : letters(Math.floor(index / LETTERS) - 1) + last;
}

function checkCount(count: number): void {
  if (count <= MAX_FILE_COLUMNS) return;
  throw new AppError('InvalidFile', { message: `has ${count} columns; at most ${MAX_FILE_COLUMNS} can be read` });
}

function sameName(name: string, first: number, second: number): AppError {
  const message = `columns ${first + 1} and ${second + 1} have the same name "${name}": rename one of them in the file`;
  return new AppError('InvalidFile', { message });
}

function noColumns(): AppError {
  return new AppError('NoColumnsFound', {
    message: 'the file has no columns: it is empty, or no header is a property name',
  });
}

function describe(text: string): string {
  return text.trim() === '' ? 'is empty and' : `"${shorten(text)}"`;
}

function shorten(text: string): string {
  const MAX_SHOWN = 200;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
