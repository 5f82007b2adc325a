/** The number of fewest digits that is rounded to the same float of 32 bits. */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/**
 * The text of a float with the fewest digits that read back to it. Scientific with a signed exponent of at least two digits
 * (`1e+06`, `2.5e-05`) where the exponent is below -4 or at least 6; `NaN`, `+Inf` and `-Inf`.
 */
export function floatText(value: number, bitSize: 32 | 64): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const shortest = bitSize === 32 ? shortestFloat32(value) : value;
  if (Math.abs(shortest) >= 1e-4 && Math.abs(shortest) < 1e6) return String(shortest);
  const [mantissa = '', exponent = ''] = shortest.toExponential().split('e');
  const power = Number(exponent);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** The JSON number of a float; undefined for NaN and the infinities, which JSON cannot write. */
export function floatJson(value: number, bitSize: 32 | 64): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return String(bitSize === 32 ? shortestFloat32(value) : value);
}
