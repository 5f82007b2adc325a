import { describe, expect, test } from 'vitest';
import { lowerCase, titleCharacter, upperCase } from '../src/expression-functions/case-mapping.js';
import { isWhiteSpace } from '../src/expression-functions/white-space.js';

/** The planes beyond have neither letters with case nor white space. */
function* everyCharacter(): Generator<string> {
  for (let codePoint = 0; codePoint <= 0x1ffff; codePoint++) {
    if (codePoint < 0xd800 || codePoint > 0xdfff) yield String.fromCodePoint(codePoint);
  }
}

function unlike(isRight: (character: string) => boolean): string[] {
  const wrong: string[] = [];
  for (const character of everyCharacter()) if (!isRight(character)) wrong.push(character);
  return wrong;
}

const length = (text: string): number => Array.from(text).length;

describe('lower, upper and the form at the start of a word', () => {
  test('make one character of every character', () => {
    const mappings = [lowerCase, upperCase, titleCharacter];
    expect(unlike((character) => mappings.every((map) => length(map(character)) === 1))).toEqual([]);
  });

  test('do what JavaScript does where that is one character', () => {
    expect(unlike((c) => length(c.toLowerCase()) > 1 || lowerCase(c) === c.toLowerCase())).toEqual([]);
    expect(unlike((c) => length(c.toUpperCase()) > 1 || upperCase(c) === c.toUpperCase())).toEqual([]);
  });

  test('do not depend on what stands beside a character', () => {
    const beside = (map: (text: string) => string, c: string): boolean =>
      map(`aΣ${c}b ${c}`) === `${map('aΣ')}${map(c)}${map('b ')}${map(c)}`;
    expect(unlike((character) => beside(lowerCase, character) && beside(upperCase, character))).toEqual([]);
  });
});

test('white space is what Unicode says', () => {
  const isRight = (c: string): boolean =>
    /^\p{White_Space}$/u.test(c) === (c.length === 1 && isWhiteSpace(c.charCodeAt(0)));
  expect(unlike(isRight)).toEqual([]);
});
