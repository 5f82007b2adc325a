import { identifierColumn } from './resolution.js';

/** Which of the identifiers above the given one an identity has: a bit mask, as SQL. */
export function patternAbove(index: number, alias: string): string {
  const bits = Array.from({ length: index }, (_, higher) => {
    return `(${alias}.${identifierColumn(higher)} IS NOT NULL)::integer << ${higher}`;
  });
  return bits.length === 0 ? '0' : `(${bits.map((bit) => `(${bit})`).join(' | ')})`;
}

/**
 * The parts into which a set of patterns falls when those that have no bit in common are connected: for each pattern that is
 * connected with another one the smallest pattern of its part. Identities of one pattern do not match by themselves, so that
 * a pattern that is alone is left out.
 */
export function partsOf(patterns: readonly number[]): Map<number, number> {
  const parts = new Map<number, number>();
  let waiting = [...patterns].sort((a, b) => a - b);
  for (let start = waiting.shift(); start !== undefined; start = waiting.shift()) {
    const reached = [start];
    for (const pattern of reached) {
      const [connected, others] = [[] as number[], [] as number[]];
      for (const other of waiting) ((other & pattern) === 0 ? connected : others).push(other);
      reached.push(...connected);
      waiting = others;
    }
    if (reached.length > 1) for (const pattern of reached) parts.set(pattern, start);
  }
  return parts;
}
