/** What a number format shows a number as; null: as a number. */
export type TemporalFormat = 'date' | 'time' | 'datetime' | 'duration' | null;

/** Excel has at most 255 characters; what is far longer would take long to look through. */
const MAX_CODE_LENGTH = 1_000;

/** The formats that have no code in a file because every Excel has them; 27 to 58 are those of East Asian versions. */
const BUILT_IN: readonly (readonly [first: number, last: number, format: TemporalFormat])[] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'datetime'],
  [27, 31, 'date'],
  [32, 33, 'time'],
  [34, 36, 'date'],
  [45, 45, 'time'],
  [46, 46, 'duration'],
  [47, 47, 'time'],
  [50, 58, 'date'],
];

/** The format that Excel has by itself under a number. */
export function builtInFormat(id: number): TemporalFormat {
  return BUILT_IN.find(([first, last]) => id >= first && id <= last)?.[2] ?? null;
}

/** What the code of a format stands for: `d/m/yyyy h:mm` is a datetime, `[h]:mm` a duration, `0.00` a number. */
export function classifyFormat(code: string): TemporalFormat {
  const [section = ''] = stripText(code.slice(0, MAX_CODE_LENGTH)).split(';', 1);
  const symbols = section.toLowerCase();
  if (/\[(h+|m+|s+)\]/.test(symbols)) return 'duration';
  const plain = symbols.replace(/\[[^\]]*\]/g, '').replace(/general/g, '');
  // What follows an E there is an exponent.
  if (/e[+-]/.test(plain)) return null;
  const hasTime = /[hs]|am\/pm|a\/p/.test(plain);
  // An M stands for minutes next to hours or seconds, for months elsewhere, and three or more for the name of a month.
  const hasDate = /[yd]|mmm/.test(plain.replace(/am\/pm|a\/p/g, '')) || (!hasTime && plain.includes('m'));
  if (hasDate) return hasTime ? 'datetime' : 'date';
  return hasTime ? 'time' : null;
}

/** Leaves out quoted text, and characters that stand for themselves, for a space or for what fills the cell. */
function stripText(code: string): string {
  return code.replace(/"[^"]*"?|[\\_*][\s\S]/g, '');
}
