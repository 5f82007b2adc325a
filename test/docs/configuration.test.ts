import { timingsSchema } from '@penstock/shared/platform';
import { describe, expect, it } from 'vitest';
import { readConfig as readApiConfig } from '../../apps/api/src/config.js';
import { readConfig as readWorkerConfig } from '../../apps/worker/src/config.js';
import { section, tableRows, unquote } from './support/documents.js';
import { readText, repositoryFiles } from './support/repository.js';

const configuration = section('README.md', 'Configuration');
const documented = tableRows(configuration).map(([name = '', readers = '', value = '']) => ({
  name: unquote(name),
  readers: readers.split(', ').toSorted(),
  default: unquote(value),
}));

const REQUIRED = {
  DATABASE_URL: 'postgresql://u:p@127.0.0.1/penstock',
  REDIS_URL: 'redis://127.0.0.1',
  PENSTOCK_MASTER_KEY: Buffer.alloc(32).toString('base64'),
};

/** What stands between two texts of a file. */
function between(file: string, start: string, end: string): string {
  const text = readText(file);
  const from = text.indexOf(start);
  if (from === -1) throw new Error(`${file} has no ${start}`);
  return text.slice(from, text.indexOf(end, from));
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

const MEMBER = /^ {2}([A-Z][A-Z0-9_]+):/gm;
const common = matches(
  between('packages/shared/src/platform/environment.ts', 'export const commonEnvironment', '\n};'),
  MEMBER,
);
const ofApp = (app: string) => [
  ...common,
  ...matches(between(`apps/${app}/src/config.ts`, 'z.object({', '\n});'), MEMBER),
];
const scripts = (directory: string) =>
  repositoryFiles()
    .filter((file) => file.startsWith(directory) && file.endsWith('.mjs'))
    .map(readText)
    .join('\n');
const OF_ENV = /\benv\.([A-Z][A-Z0-9_]+)\b/g;

/** Who reads which variables, as the code says. */
const READ: Readonly<Record<string, readonly string[]>> = {
  api: ofApp('api'),
  worker: ofApp('worker'),
  start: matches(scripts('scripts/start/'), OF_ENV),
  migrate: matches(readText('scripts/migrate.mjs'), /\{ ([A-Z_]+): \w+ \}/g),
  test: matches(scripts('scripts/testing/'), OF_ENV),
  prisma: [
    ...matches(readText('prisma.config.ts'), /const \{ ([A-Z_]+) \}/g),
    ...matches(scripts('scripts/prisma/'), OF_ENV),
  ],
  compose: matches(readText('docker-compose.yml'), /\$\{([A-Z_]+)/g),
};

describe('the table of variables', () => {
  it('has every variable that somebody reads, once, with its readers', () => {
    const names = [...new Set(Object.values(READ).flat())];
    const actual = names.map((name) => ({
      name,
      readers: Object.keys(READ)
        .filter((reader) => READ[reader]?.includes(name))
        .toSorted(),
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(documented.map(({ name, readers }) => ({ name, readers })).toSorted(byName)).toEqual(
      actual.toSorted(byName),
    );
  });

  it('has the defaults of api and worker', () => {
    const { PENSTOCK_MASTER_KEY: _, ...api } = readApiConfig(REQUIRED) as unknown as Record<string, unknown>;
    const defaults = { ...api, ...readWorkerConfig(REQUIRED) } as Record<string, unknown>;
    const ofProcesses = documented.filter(({ name }) => [...(READ.api ?? []), ...(READ.worker ?? [])].includes(name));
    for (const { name, default: value } of ofProcesses) {
      if (value === 'required') expect(() => readWorkerConfig({})).toThrow(`${name}: is required`);
      else if (value === 'none') expect(name in defaults && name !== 'PENSTOCK_MASTER_KEY').toBe(false);
      else if (value === '{}')
        expect(readWorkerConfig({ ...REQUIRED, [name]: value })).toMatchObject({ [name]: defaults[name] });
      else expect([name, String(defaults[name])]).toEqual([name, value]);
    }
  });

  it('says what the stack of docker-compose.yml does not start without', () => {
    const required = matches(readText('docker-compose.yml'), /\$\{([A-Z_]+):\?/g);
    const docker = section('README.md', 'Docker');
    expect(required.filter((name) => !docker.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the table of timings', () => {
  it('has every timing with its default', () => {
    const rows = tableRows(configuration.slice(configuration.indexOf('Timings, the members')));
    const timings = rows.map(([name = '', value = '']) => [unquote(name), JSON.parse(unquote(value))]);
    expect(Object.fromEntries(timings)).toEqual(timingsSchema.parse({}));
  });
});

describe('the table of limits', () => {
  const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, min: 60_000, KiB: 1024, MiB: 1024 * 1024 };
  const rows = tableRows(section('docs/operations.md', 'Sizing'));

  it.each(rows)('%s: %s', (_limit, value = '', place = '') => {
    const [, number = '', unit = ''] = /^(\d+) ?(\w*)$/.exec(value) ?? [];
    const [, name = '', file = ''] = /^`(\w+)` in `(.+)`$/.exec(place) ?? [];
    const [, expression = ''] = new RegExp(`\\b${name}(?: =|:) ([\\d_* ]+)\\b`).exec(readText(file)) ?? [];
    const actual = expression.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
    expect(actual).toBe(Number(number) * (UNITS[unit] ?? Number.NaN));
  });
});
