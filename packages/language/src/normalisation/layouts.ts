import { compileTimeFormat } from '../values/time-format/compile-time-format.js';
import { TimeFormatError } from '../values/time-format/time-format-error.js';
import { compileUnixLayout, isUnixLayout } from './unix-layout.js';

/**
 * How a source writes its times: `unix`, `unixmilli`, `unixmicro` or `unixnano` (integers since 1970), or a strftime pattern.
 * What is absent or empty is ISO 8601.
 */
export interface Layouts {
  readonly datetime?: string;
  readonly date?: string;
  readonly time?: string;
}

/** Reads a time in a layout: a canonical datetime, undefined when it is something else, null when its year is out of range. */
export interface LayoutReader {
  readonly ofText: (text: string) => string | undefined | null;
  /** Present where the layout counts from 1970. */
  readonly ofNumber?: (number: number | bigint) => string | undefined | null;
}

/** Compiles a layout; undefined for ISO 8601. @throws TimeFormatError when it is none. */
export function compileLayout(layout: string | undefined): LayoutReader | undefined {
  if (layout === undefined || layout === '') return undefined;
  if (isUnixLayout(layout)) return compileUnixLayout(layout);
  if (layout.includes('%')) return { ofText: compileTimeFormat(layout).parse };
  throw new TimeFormatError('must be unix, unixmilli, unixmicro, unixnano or a strftime pattern');
}
