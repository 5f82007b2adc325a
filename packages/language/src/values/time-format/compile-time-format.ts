import { parseIso8601 } from '../iso8601.js';
import { formatExcelSerial, parseExcelSerial } from './excel-serial.js';
import { parseTimePattern, type TimePattern } from './parse-time-pattern.js';
import { datetimeOf, momentOf, type TimeFields } from './time-fields.js';
import { TimeFormatError } from './time-format-error.js';

/** How points in time are written in a source. */
export interface TimeFormat {
  /** The canonical datetime that a text stands for; undefined when the whole text is not in the format. */
  readonly parse: (text: string) => string | undefined;
  /** The text of a canonical datetime or date, rounded down to what the format can say. */
  readonly format: (datetime: string) => string;
}

/** Greatest number of code points of a format. */
export const MAX_TIME_FORMAT_LENGTH = 64;

/** No time needs a longer text; it bounds what a text in place of a time can cost. */
const MAX_TEXT_LENGTH = 1000;

/** Length of `YYYY-MM-DD hh:mm:ss`. */
const SECONDS_LENGTH = 19;

/**
 * Compiles a time format: `ISO8601`, `Excel` (serial numbers of days), or a strftime pattern, which is read as strptime reads it:
 * numbers without their leading zeros and names in any case are fine, anything before or after is not. Texts without a zone
 * are UTC. ISO 8601 is written up to the second and without a zone, so that the text sorts before all others of that second.
 * @throws TimeFormatError that says what is wrong with the format.
 */
export function compileTimeFormat(format: string): TimeFormat {
  if (format === 'ISO8601') return { parse: bounded((text) => parseIso8601(text) ?? undefined), format: isoText };
  if (format === 'Excel') return { parse: bounded(parseExcelSerial), format: formatExcelSerial };
  return patternFormat(patternOf(format));
}

/**
 * What is wrong with the format of update times; undefined when nothing is. Besides being a format it must have a year, because
 * records would else be of no certain time.
 */
export function timeFormatProblem(format: string): string | undefined {
  if (format === 'ISO8601' || format === 'Excel') return undefined;
  try {
    const { letters } = patternOf(format);
    return ['Y', 'y', 's'].some((letter) => letters.has(letter))
      ? undefined
      : 'has no year: "%Y", "%y" or "%s" is missing';
  } catch (error) {
    if (error instanceof TimeFormatError) return error.message;
    throw error;
  }
}

function patternOf(format: string): TimePattern {
  if (!format.includes('%'))
    throw new TimeFormatError('must be "ISO8601" or a strftime pattern such as "%Y-%m-%d %H:%M:%S"');
  if ([...format].length > MAX_TIME_FORMAT_LENGTH) {
    throw new TimeFormatError(`must have at most ${MAX_TIME_FORMAT_LENGTH} characters`);
  }
  if (!format.isWellFormed() || format.includes('\0')) throw new TimeFormatError('must be valid text without NUL');
  return parseTimePattern(format);
}

function patternFormat({ pieces }: TimePattern): TimeFormat {
  const parse = (text: string): string | undefined => {
    const fields: TimeFields = {};
    let at = 0;
    for (const piece of pieces) {
      at = piece.read(text, at, fields);
      if (at < 0) return undefined;
    }
    return at === text.length ? datetimeOf(fields) : undefined;
  };
  const format = (datetime: string): string => {
    const moment = momentOf(datetime);
    let text = '';
    for (const piece of pieces) text += piece.write(moment);
    return text;
  };
  return { parse: bounded(parse), format };
}

function bounded(parse: (text: string) => string | undefined): TimeFormat['parse'] {
  return (text) => (text.length > MAX_TEXT_LENGTH ? undefined : parse(text));
}

function isoText(datetime: string): string {
  const text = datetime.length === 10 ? `${datetime} 00:00:00` : datetime;
  return text.slice(0, SECONDS_LENGTH).replace(' ', 'T');
}
