/**
 * Case mapping of one character to one character, whatever stands beside it. What JavaScript does beyond that (`ß` to `SS`, the
 * final sigma) would change the length of texts and make `lower` and `upper` depend on the neighbours.
 */

const LOWER_EXCEPTIONS = /[\u0130\u03a3]/;
const UPPER_EXCEPTIONS = /[\u00df\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50-\u1fff\ufb00-\ufb17]/;

const EACH_UPPER_EXCEPTION = new RegExp(UPPER_EXCEPTIONS, 'g');

const UTF_16 = new TextDecoder('utf-16le', { ignoreBOM: true });

/** Small letters with an iota below: JavaScript writes the iota beside the capital letter, the capital of one character is here. */
const IOTA_LETTERS = /^[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7]$/;
const IOTA_VOWELS = /^[\u1fb3\u1fc3\u1ff3]$/;

/** Letters whose form at the start of a word is not their capital one: `ǆ` is `ǅ` there. */
const DIGRAPHS: readonly (readonly [members: string, title: string])[] = [
  ['\u01c4\u01c5\u01c6', '\u01c5'],
  ['\u01c7\u01c8\u01c9', '\u01c8'],
  ['\u01ca\u01cb\u01cc', '\u01cb'],
  ['\u01f1\u01f2\u01f3', '\u01f2'],
];
const GEORGIAN = /^[\u10d0-\u10fa\u10fd-\u10ff]$/;

export function lowerCase(text: string): string {
  const plain = LOWER_EXCEPTIONS.test(text) ? text.replaceAll('\u0130', 'i').replaceAll('\u03a3', '\u03c3') : text;
  return plain.toLowerCase();
}

export function upperCase(text: string): string {
  return UPPER_EXCEPTIONS.test(text) ? upperExceptions(text) : text.toUpperCase();
}

/** The form that a character has at the start of a word. */
export function titleCharacter(character: string): string {
  if (GEORGIAN.test(character)) return character;
  const digraph = DIGRAPHS.find(([members]) => members.includes(character));
  return digraph === undefined ? upperCharacter(character) : digraph[1];
}

/** With the exceptions hidden all other characters keep their places, so that the exceptions can be put back into theirs. */
function upperExceptions(text: string): string {
  const upper = text.replace(EACH_UPPER_EXCEPTION, '\0').toUpperCase();
  const known = new Map<number, number>();
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = upper.charCodeAt(index);
    units[index] = unit === 0 ? upperUnit(text.charCodeAt(index), known) : unit;
  }
  return UTF_16.decode(units);
}

function upperUnit(unit: number, known: Map<number, number>): number {
  const upper = known.get(unit) ?? upperCharacter(String.fromCharCode(unit)).charCodeAt(0);
  known.set(unit, upper);
  return upper;
}

function upperCharacter(character: string): string {
  const upper = character.toUpperCase();
  if (upper.length === 1 || upper.length === character.length) return upper;
  if (IOTA_LETTERS.test(character)) return String.fromCharCode(character.charCodeAt(0) + 8);
  return IOTA_VOWELS.test(character) ? String.fromCharCode(character.charCodeAt(0) + 9) : character;
}
