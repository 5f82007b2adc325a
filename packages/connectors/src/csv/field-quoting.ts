import { cannotWrite } from '../files/destination-error.js';
import type { CsvWriteSettings } from './settings.js';

/**
 * The field of a text, in quotes where it needs them; null is a text that is empty and must be seen all the same. Throws AppError
 * `DestinationRefused`, with the name of the column, where there are no quotes to be had.
 */
export type Quoting = (text: string | null, column: string) => string;

export function fieldQuoting({ separator, quote }: CsvWriteSettings): Quoting {
  // Line ends of other systems are in it: readers differ in what they take for one.
  const special = new RegExp(`[${[separator, quote].map(escaped).join('')}\r\n\u0085\u2028\u2029]`);
  if (quote === '') {
    return (text, column) => {
      if (text === null || special.test(text)) throw quotesNeeded(column);
      return text;
    };
  }
  const doubled = quote + quote;
  return (text) => {
    if (text === null) return doubled;
    return special.test(text) ? `${quote}${text.replaceAll(quote, () => doubled)}${quote}` : text;
  };
}

function escaped(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&');
}

/** What is said of a value that only quotes could hold. */
function quotesNeeded(column: string): Error {
  return cannotWrite(
    `column "${column}" has a value that cannot be written without quotes: set quote in the settings of the format`,
  );
}
