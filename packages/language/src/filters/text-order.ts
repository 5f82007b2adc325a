const FIRST_SURROGATE = 0xd800;
const FIRST_AFTER_SURROGATES = 0xe000;

/** Orders texts around an operand by code point, as the bytes of UTF-8 are ordered; UTF-16 units are ordered otherwise. */
export function textOrder(operand: string): (text: string) => number {
  // Where the first units that differ decide wrongly, both are surrogates or after them.
  if (hasHighUnit(operand)) return (text) => compareCodePoints(text, operand);
  return (text) => (text < operand ? -1 : text === operand ? 0 : 1);
}

function hasHighUnit(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= FIRST_SURROGATE) return true;
  return false;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates belong to the code points after all others. */
function rank(unit: number): number {
  const isSurrogate = unit >= FIRST_SURROGATE && unit < FIRST_AFTER_SURROGATES;
  return isSurrogate ? unit + 0x10000 : unit;
}
