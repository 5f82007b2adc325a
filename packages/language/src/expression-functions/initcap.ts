import { titleCharacter } from './case-mapping.js';
import { isWhiteSpace } from './white-space.js';

/**
 * Turns the first letter of each word into the form that letters have there and leaves the others as they are. Words are
 * letters, digits and `_`; beyond ASCII everything but white space is part of a word.
 */
export function initcap(text: string): string {
  let result = '';
  let copied = 0;
  let afterSeparator = true;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (afterSeparator && !isUnchanged(unit)) {
      const character = String.fromCodePoint(text.codePointAt(index) ?? unit);
      result += text.slice(copied, index) + titleCharacter(character);
      copied = index + character.length;
    }
    afterSeparator = isSeparator(unit);
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Whether a unit is ASCII and no small letter. */
function isUnchanged(unit: number): boolean {
  return unit < 0x61 || (unit > 0x7a && unit < 0x80);
}

function isSeparator(unit: number): boolean {
  if (unit >= 0x80) return isWhiteSpace(unit);
  const isLetter = (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
  return !isLetter && !(unit >= 0x30 && unit <= 0x39) && unit !== 0x5f;
}
