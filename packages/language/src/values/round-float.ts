const BITS = new DataView(new ArrayBuffer(8));

/** Rounds a finite float, taken at its exact binary value, half to even to a number of decimals; canonical decimal text. */
export function roundFloat(value: number, scale: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const { mantissa, exponent } = takeApart(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(scale);
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : divideByPowerOfTwo(scaled, BigInt(-exponent));
  const digits = String(rounded).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0 && rounded !== 0n ? `-${text}` : text;
}

/** A positive float as an integer times a power of two. */
function takeApart(value: number): { mantissa: bigint; exponent: number } {
  BITS.setFloat64(0, value);
  const bits = BITS.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function divideByPowerOfTwo(value: bigint, power: bigint): bigint {
  const quotient = value >> power;
  const twice = (value - (quotient << power)) << 1n;
  const divisor = 1n << power;
  if (twice < divisor) return quotient;
  return twice > divisor || quotient % 2n === 1n ? quotient + 1n : quotient;
}
