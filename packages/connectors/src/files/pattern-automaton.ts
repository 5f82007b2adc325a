import { SLASH, type Token } from './pattern-syntax.js';

const DOT = 0x2e;
const WORD_BITS = 32;

type Bits = Int32Array;

/**
 * All alternatives of a pattern at once, as places before and after their tokens, a bit each, one alternative behind the other.
 * The places that a path has come to move with each of its characters, 32 of them in a step; nothing is ever tried again.
 */
export class PatternAutomaton {
  /** What all questions have cost so far. */
  steps = 0;
  readonly #words: number;
  readonly #places: Bits;
  readonly #first: Bits;
  readonly #last: Bits;
  /** Before a token that need not stand for anything (more): in the middle of a name, and where one begins. */
  readonly #skipped: Bits;
  readonly #skippedAtName: Bits;
  /** Before a token that goes on standing for characters of a name, and for slashes. */
  readonly #staying: Bits;
  readonly #stayingAcross: Bits;
  /** Before a dot that is the first token of a name: nothing else stands for the dot of a hidden name. */
  readonly #dots: Bits;
  readonly #none: Bits;
  readonly #characters: CharacterMoves;

  constructor(alternatives: readonly (readonly Token[])[]) {
    // The place behind the last token of each is null.
    const places = alternatives.flatMap((tokens) => [...tokens, null]);
    this.#words = Math.ceil(places.length / WORD_BITS);
    const where = (test: (token: Token | null, index: number) => boolean) => bitsOf(places, test);
    const beginsName = (index: number) => {
      const before = places[index - 1];
      return before === undefined || before === null || before === SLASH || before === 'directories';
    };
    this.#places = where(() => false);
    this.#none = where(() => false);
    this.#first = where((_, index) => index === 0 || places[index - 1] === null);
    this.#last = where((token) => token === null);
    this.#skipped = where((token) => token === 'star' || token === 'rest');
    this.#skippedAtName = where((token) => token === 'star' || token === 'directories');
    this.#staying = where((token) => token === 'star' || token === 'directories' || token === 'rest');
    this.#stayingAcross = where((token) => token === 'directories' || token === 'rest');
    this.#dots = where((token, index) => token === DOT && beginsName(index));
    this.#characters = new CharacterMoves(places, where);
  }

  /** Whether a path is one of the pattern. */
  accepts(path: string): boolean {
    return this.canFollow(path) && this.#places.some((bits, word) => (bits & (this.#last[word] ?? 0)) !== 0);
  }

  /** Whether a path of the pattern can begin so. */
  canFollow(beginning: string): boolean {
    this.#places.set(this.#first);
    this.#move(this.#none, this.#first, this.#skippedAtName);
    let atName = true;
    for (let at = 0; at < beginning.length; at += 1) {
      const character = beginning.codePointAt(at) ?? 0;
      if (character > 0xffff) at += 1;
      const staying = character === SLASH ? this.#stayingAcross : this.#staying;
      const hidden = atName && character === DOT;
      const moving = hidden ? this.#dots : this.#movesOf(character);
      const stuck = hidden || (atName && character === SLASH);
      atName = character === SLASH;
      if (!this.#move(moving, stuck ? this.#none : staying, atName ? this.#skippedAtName : this.#skipped)) return false;
    }
    return true;
  }

  #movesOf(character: number): Bits {
    const before = this.#characters.rows;
    const moves = this.#characters.of(character);
    if (this.#characters.rows !== before) this.steps += this.#words * WORD_BITS;
    return moves;
  }

  /** Moves all places by one character, and says whether any is left. */
  #move(moving: Bits, staying: Bits, skipped: Bits): boolean {
    const places = this.#places;
    this.steps += this.#words;
    let [carry, left] = [0, 0];
    for (let word = 0; word < this.#words; word += 1) {
      const from = places[word] ?? 0;
      const moved = from & (moving[word] ?? 0);
      const to = skip((moved << 1) | (from & (staying[word] ?? 0)) | carry, skipped[word] ?? 0);
      places[word] = to;
      left |= to;
      carry = (moved >>> (WORD_BITS - 1)) | ((to & (skipped[word] ?? 0)) >>> (WORD_BITS - 1));
    }
    return left !== 0;
  }
}

/** With the places behind those that may be skipped. There are few of them in a row. */
function skip(places: number, skipped: number): number {
  let to = places;
  for (let from = to & skipped; from !== 0; ) {
    const next = to | (from << 1);
    from = next === to ? 0 : next & skipped;
    to = next;
  }
  return to;
}

function bitsOf(places: readonly (Token | null)[], test: (token: Token | null, index: number) => boolean): Bits {
  const bits = new Int32Array(Math.ceil(places.length / WORD_BITS));
  for (const [index, token] of places.entries()) {
    const word = Math.floor(index / WORD_BITS);
    if (test(token, index)) bits[word] = (bits[word] ?? 0) | (1 << (index % WORD_BITS));
  }
  return bits;
}

/** Before which tokens a character moves on: worked out once for all characters between two that the pattern names. */
class CharacterMoves {
  /** That were worked out. */
  rows = 0;
  readonly #where: (test: (token: Token | null) => boolean) => Bits;
  readonly #bounds: readonly number[];
  readonly #moves: (Bits | undefined)[];

  constructor(places: readonly (Token | null)[], where: (test: (token: Token | null) => boolean) => Bits) {
    this.#where = where;
    const bounds = new Set([0, SLASH, SLASH + 1]);
    for (const [first, last] of places.flatMap(rangesOf)) bounds.add(first).add(last + 1);
    this.#bounds = [...bounds].sort((a, b) => a - b);
    this.#moves = this.#bounds.map(() => undefined);
  }

  of(character: number): Bits {
    const index = this.#indexOf(character);
    const known = this.#moves[index];
    if (known !== undefined) return known;
    this.rows += 1;
    const moves = this.#where((token) => standsFor(token, character));
    this.#moves[index] = moves;
    return moves;
  }

  /** Of the last bound that is not above the character. */
  #indexOf(character: number): number {
    let [low, high] = [0, this.#bounds.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#bounds[middle] ?? 0) <= character) low = middle;
      else high = middle;
    }
    return low;
  }
}

function rangesOf(token: Token | null): readonly (readonly [number, number])[] {
  if (typeof token === 'number') return [[token, token]];
  return typeof token === 'object' && token !== null ? token.ranges : [];
}

function standsFor(token: Token | null, character: number): boolean {
  if (typeof token === 'number') return token === character;
  if (character === SLASH || token === null || token === 'star' || token === 'directories' || token === 'rest') {
    return false;
  }
  if (token === 'any') return true;
  return token.negated !== token.ranges.some(([first, last]) => character >= first && character <= last);
}
