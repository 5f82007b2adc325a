import { AppError } from '@penstock/domain';
import { isPropertyName } from '@penstock/language';
import { MAX_FILE_COLUMNS } from './limits.js';

/** Greatest length of a name that a schema takes, and of one that is made of another text, in characters. */
const MAX_NAME_LENGTH = 255;
const MAX_MADE_LENGTH = 100;

/** A column of a file: its property name, and what the file calls it where that is another text. */
export interface NamedColumn {
  readonly name: string;
  readonly description?: string;
}

export interface NamedColumns {
  /** By the place in the file; undefined where a column cannot be read. */
  readonly columns: readonly (NamedColumn | undefined)[];
  /** Why those are left out. */
  readonly issues: readonly string[];
}

/** What a message calls a file, or a part of it, that has no columns. */
const FILE = 'the file';

/**
 * Names the columns of a header, as {@link nameColumns} does.
 * @throws AppError InvalidFile when there are too many columns, NoColumnsFound when none can be read.
 */
export function headerColumns(header: readonly string[], what = FILE): NamedColumns {
  checkCount(header.length);
  const named = nameColumns(header);
  if (named.columns.every((column) => column === undefined)) throw noColumns(what);
  return named;
}

/**
 * Makes property names of what a file calls its columns. A text that is none becomes one: accents are dropped, every run of other
 * characters becomes one `_`. Left out are columns of which no name is left, and those with the name of a column before them.
 */
export function nameColumns(texts: readonly string[]): NamedColumns {
  const issues: string[] = [];
  const positions = new Map<string, number>();
  const columns = texts.map((text, index): NamedColumn | undefined => {
    const name = propertyName(text);
    const first = positions.get(name ?? '');
    if (name === undefined) issues.push(noName(text, index));
    else if (first !== undefined) issues.push(sameName(name, { texts, first, second: index }));
    else positions.set(name, index);
    if (name === undefined || first !== undefined) return undefined;
    return name === text ? { name } : { name, description: shorten(text) };
  });
  return { columns, issues };
}

/** The names of columns without a header: `A` to `Z`, `AA`, ... @throws AppError InvalidFile, NoColumnsFound */
export function letterColumns(count: number, what = FILE): readonly NamedColumn[] {
  checkCount(count);
  if (count === 0) throw noColumns(what);
  return Array.from({ length: count }, (_, index) => ({ name: letters(index) }));
}

function propertyName(text: string): string | undefined {
  if (isPropertyName(text) && text.length <= MAX_NAME_LENGTH) return text;
  const plain = text
    .slice(0, 10 * MAX_MADE_LENGTH)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .trim();
  // A letter of another script cannot be dropped: what is left would mean something else.
  if (/[^\P{L}A-Za-z]/u.test(plain)) return undefined;
  const name = plain.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, MAX_MADE_LENGTH);
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

function noName(text: string, index: number): string {
  return `column ${index + 1} is left out: its name ${describe(text)} makes no property name; rename it in the file`;
}

function sameName(
  name: string,
  { texts, first, second }: { readonly texts: readonly string[]; readonly first: number; readonly second: number },
): string {
  const column = (index: number): string => `column ${index + 1} "${shorten(texts[index] ?? '')}"`;
  return `${column(second)} is left out: its property name "${name}" is that of ${column(first)}; rename one of them in the file`;
}

function noColumns(what: string): AppError {
  return new AppError('NoColumnsFound', {
    message: `${what} has no columns: it is empty, or no column has a name that makes a property name`,
  });
}

function describe(text: string): string {
  return text.trim() === '' ? 'is empty and' : `"${shorten(text)}"`;
}

function shorten(text: string): string {
  const MAX_SHOWN = 200;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
