import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One line of the table. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is wanted, as text; absent where nothing is. */
  readonly target?: string;
  readonly met?: boolean;
  /** The single measurements. */
  readonly samples: readonly number[];
}

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

/** Prints the table and writes it, with the single measurements, as JSON. */
export function report(measures: readonly Measure[]): void {
  const rows = measures.map(({ name, value, unit, target = '', met }) => ({
    measure: name,
    median: `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
    target,
    met: met === undefined ? '' : met ? 'yes' : 'NO',
  }));
  console.table(rows);
  mkdirSync(RESULTS, { recursive: true });
  const file = `${RESULTS}${new Date().toISOString().replaceAll(':', '-')}.json`;
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(file, JSON.stringify({ machine, measures }, null, 2));
  console.log(`written to ${file}`);
}
