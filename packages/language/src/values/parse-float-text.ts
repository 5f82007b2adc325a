const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?=[0-9a-fA-F.]*[0-9a-fA-F])([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** Digits beyond which a hexadecimal number is refused: nobody writes them, and they would have to be multiplied out. */
const MAX_HEXADECIMAL_DIGITS = 256;

/** What a text that is a number, but too large for a float of 64 bits, is read as. */
export const FLOAT_OVERFLOW = 'overflow';

/**
 * Reads a float: decimal with optional fraction and exponent, hexadecimal with a binary exponent (`0x1.8p3`), `inf`,
 * `infinity` or `nan` in any case. Returns undefined when the text is none of these.
 */
export function parseFloatText(text: string): number | typeof FLOAT_OVERFLOW | undefined {
  if (DECIMAL.test(text)) return finiteOrOverflow(Number(text));
  if (text.length === 3 && text.toLowerCase() === 'nan') return Number.NaN;
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(text);
  return hexadecimal === null ? undefined : parseHexadecimal(hexadecimal);
}

function parseHexadecimal([, sign, whole = '', fraction = '', power]: RegExpExecArray): ReturnType<
  typeof parseFloatText
> {
  if (whole.length + fraction.length > MAX_HEXADECIMAL_DIGITS) return undefined;
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  const magnitude = scaleByPowerOfTwo(mantissa, Number(power) - 4 * fraction.length);
  return finiteOrOverflow(sign === '-' ? -magnitude : magnitude);
}

/** Multiplies in two steps, because 2 to the whole power may overflow or vanish where the product does not. */
function scaleByPowerOfTwo(mantissa: number, power: number): number {
  if (mantissa === 0) return 0;
  const bounded = Math.max(-3000, Math.min(3000, power));
  let scaled = mantissa;
  let rest = bounded;
  while (rest !== 0) {
    const step = Math.max(-500, Math.min(500, rest));
    scaled *= 2 ** step;
    rest -= step;
  }
  return scaled;
}

function finiteOrOverflow(value: number): number | typeof FLOAT_OVERFLOW {
  return Number.isFinite(value) ? value : FLOAT_OVERFLOW;
}
