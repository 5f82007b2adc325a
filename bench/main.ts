import { parseArgs } from 'node:util';
import { benchExports } from './exports.js';
import { benchFiles } from './files.js';
import { benchImports } from './imports.js';
import { benchLanguage } from './language.js';
import { benchResolution } from './resolution.js';
import { benchNoOpRuns, benchScheduleLag } from './runs.js';
import { benchStarts } from './starts.js';
import { type Measure, report } from './support/report.js';
import { benchTransformations } from './transformations.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    form: { type: 'string', multiple: true },
    rows: { type: 'string', default: '1000000' },
    repetitions: { type: 'string', default: '3' },
    large: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const repetitions = Number(values.repetitions);

/**
 * The benchmarks by name; `--only imports` runs one, `--only files --form json` one form of its files (exports have table, csv and parquet), `--large` adds an import three
 * times the size.
 */
const BENCHMARKS: Readonly<Record<string, () => Promise<readonly Measure[]>>> = {
  language: async () => benchLanguage(repetitions),
  imports: () => benchImports(rows, repetitions),
  transformations: () => benchTransformations(rows, repetitions),
  ...(values.large && { large: () => benchImports(rows * 3, 1) }),
  files: () => benchFiles(rows, repetitions, values.form),
  exports: () => benchExports(rows, repetitions, values.form),
  resolution: () => benchResolution(rows, repetitions),
  starts: () => benchStarts(5_000, repetitions),
  lag: () => benchScheduleLag(1_000, repetitions),
  noop: async () => [await benchNoOpRuns(1_500, repetitions)],
};

const measures: Measure[] = [];
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (values.only !== undefined && !values.only.includes(name)) continue;
  console.log(`running ${name} ...`);
  measures.push(...(await run()));
}
report(measures);
