import { identifierColumn } from './resolution.js';

/** Which of the identifiers above the given one an identity has: a bit mask, as SQL. */
export function patternAbove(index: number, alias: string): string {
  const bits = Array.from({ length: index }, (_, higher) => {
    return `(${alias}.${identifierColumn(higher)} IS NOT NULL)::integer::bigint << ${higher}`;
  });
  return bits.length === 0 ? '0' : `(${bits.map((bit) => `(${bit})`).join(' | ')})`;
}

/**
 * The parts into which a set of patterns falls when those that have no bit in common are connected: for each pattern that is
 * connected with another one the smallest pattern of its part. Identities of one pattern do not match by themselves, so that
 * a pattern that is alone is left out.
 */
export function partsOf(patterns: readonly bigint[]): Map<bigint, bigint> {
  const parts = new Map<bigint, bigint>();
  for (const start of [...patterns].sort((a, b) => (a < b ? -1 : 1))) {
    if (parts.has(start)) continue;
    const reached = [start];
    for (const pattern of reached) {
      const next = patterns.filter((other) => (other & pattern) === 0n && !reached.includes(other));
      reached.push(...next);
    }
    if (reached.length > 1) for (const pattern of reached) parts.set(pattern, start);
  }
  return parts;
}
