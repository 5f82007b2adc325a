import { compileFilter, compileMapping, parseFilter, parseSchema, type Value, ValueFailure } from '@penstock/language';
import type { Measure } from './support/report.js';
import { median } from './support/statistics.js';
import { FILTER, IN_SCHEMA, MAPPING, PROFILE_SCHEMA } from './support/transformed-users.js';

const RECORDS = 200_000;
const TARGET = 600_000;

type Row = readonly Value[];

/** Takes a record; undefined when the filter drops it. */
type Take = (row: Row) => Row | undefined;

/** The language alone: records per second in memory on one core, beside the same work written by hand. */
export function benchLanguage(repetitions: number): Measure[] {
  const rows = Array.from({ length: RECORDS }, (_, index) => user(index + 1));
  const compiled = compiledTake();
  check(rows, compiled);
  const samples = { language: [] as number[], byHand: [] as number[] };
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    samples.byHand.push(rate(rows, byHand));
    samples.language.push(rate(rows, compiled));
  }
  const perSecond = median(samples.language);
  return [
    { name: 'the same work by hand, in memory', value: median(samples.byHand), unit: 'rec/s', samples: samples.byHand },
    {
      ...{ name: 'filter and mapping of 13 columns, in memory', value: perSecond, unit: 'rec/s' },
      ...{ samples: samples.language, target: `>= ${TARGET} rec/s`, met: perSecond >= TARGET },
    },
  ];
}

/** Values in the order of the in schema, as they come from the table of the other benchmarks. */
function user(i: number): Row {
  const seconds = new Date(1_577_836_800_000 + (i % 157_680_000) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return [
    ...[`user-${i}`, `First${i}.Last${i % 977}@Example${i % 50}.com`, `First${i % 5000}`, `Läst${i % 7000}`],
    ...[String.fromCharCode(65 + (i % 26), 65 + (i % 25)), i % 10 === 0 ? null : `City ${i % 3000}`],
    ...[['free', 'basic', 'pro', 'team'][i % 4] ?? null, i % 100_000, (i % 1000) / 7],
    ...[((i % 1_000_000) / 100).toFixed(2), i % 3 === 0, seconds, '2026-01-01 00:00:00.5'],
  ];
}

function compiledTake(): Take {
  const inSchema = parseSchema(IN_SCHEMA);
  const mapping = compileMapping(MAPPING, inSchema, parseSchema(PROFILE_SCHEMA));
  const passes = compileFilter(parseFilter(FILTER, inSchema, 'import'), inSchema);
  return (row) => {
    if (!passes(row)) return undefined;
    const out: Value[] = new Array(mapping.outPaths.length).fill(null);
    const failure = mapping.evaluate(row, out);
    if (failure instanceof ValueFailure) throw new Error(failure.message);
    return out;
  };
}

/** What a program for this one mapping would do. Columns in are in the order of the table, columns out in that of their names. */
function byHand(row: Row): Row | undefined {
  const [id, email, first, last, country, city, plan, logins, score, value, active, signedUp, updatedAt] =
    row as TableRow;
  if (country === 'ZZ' || !(logins < 99_999)) return undefined;
  return [
    active,
    city ?? 'unknown',
    country.toUpperCase(),
    email.toLowerCase(),
    `${first} ${last}`,
    id,
    last.slice(0, 6),
    value,
    logins,
    plan === 'pro' ? 'paying' : 'free',
    score,
    signedUp.slice(0, 10),
    updatedAt,
  ];
}

type TableRow = readonly [
  ...[id: string, email: string, first: string, last: string, country: string, city: string | null, plan: string],
  ...[logins: number, score: number, value: string, active: boolean, signedUp: string, updatedAt: string],
];

function check(rows: readonly Row[], take: Take): void {
  for (const row of rows) {
    const [found, expected] = [JSON.stringify(take(row)), JSON.stringify(byHand(row))];
    if (found !== expected) throw new Error(`the mapping gives ${found} instead of ${expected}`);
  }
}

/** Records per second. */
function rate(rows: readonly Row[], take: Take): number {
  const started = performance.now();
  let length = 0;
  for (const row of rows) length += take(row)?.length ?? 0;
  if (length === 0) throw new Error('nothing was transformed');
  return rows.length / ((performance.now() - started) / 1000);
}
