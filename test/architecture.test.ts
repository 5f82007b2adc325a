import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each part may import of ours. A part that is not listed here does not exist. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/domain': [],
  'packages/language': [],
  'packages/engine': ['packages/domain', 'packages/language'],
  'packages/functions': ['packages/domain', 'packages/language'],
  'packages/postgresql': ['packages/domain', 'packages/language', 'packages/engine'],
  'packages/connectors': ['packages/domain', 'packages/language', 'packages/engine', 'packages/postgresql'],
  'packages/warehouses': ['packages/domain', 'packages/language', 'packages/engine', 'packages/postgresql'],
  'packages/shared/platform': ['packages/domain'],
  'packages/shared/contracts': ['packages/domain', 'packages/language', 'packages/connectors', 'packages/warehouses'],
  'packages/shared/repositories': ['packages/domain', 'packages/shared/platform'],
  'packages/shared/queues': ['packages/domain', 'packages/shared/platform'],
  'packages/shared/use-cases': [
    'packages/domain',
    'packages/language',
    'packages/engine',
    'packages/functions',
    'packages/connectors',
    'packages/warehouses',
    'packages/shared/platform',
    'packages/shared/contracts',
    'packages/shared/repositories',
    'packages/shared/queues',
  ],
  'packages/shared/testing': [
    'packages/shared/platform',
    'packages/domain',
    'packages/shared/repositories',
    'packages/shared/use-cases',
  ],
  'apps/api': ['*'],
  'apps/worker': ['*'],
};

/** What the inner parts must never see, whatever they import of ours. */
const FORBIDDEN_PACKAGES: readonly (readonly [RegExp, RegExp])[] = [
  [/^packages\/(domain|language|engine)$/, /^(bullmq|ioredis|express|pg|pg-.*|@prisma\/.*|winston|prom-client)$/],
  [/^packages\/(connectors|postgresql|warehouses)$/, /^(bullmq|ioredis|express|@prisma\/.*|prom-client)$/],
  [/^packages\/shared/, /^(express|@bull-board\/.*)$/],
  [/^apps\/worker$/, /^(express|@prisma\/.*)$/],
  [/^apps\/api$/, /^@prisma\/.*$/],
];

interface ImportLine {
  readonly file: string;
  readonly part: string;
  readonly specifier: string;
}

const IMPORT =
  /(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gms;

function sourceFiles(): string[] {
  return ['packages', 'apps'].flatMap((top) =>
    readdirSync(path.join(ROOT, top)).flatMap((name) => {
      const src = path.join(ROOT, top, name, 'src');
      return readdirSync(src, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
        .map((file) => path.relative(ROOT, path.join(src, file)));
    }),
  );
}

/** `packages/shared/src/queues/catalog.ts` belongs to the part `packages/shared/queues`. */
function partOf(file: string): string {
  const [top, name, , layer] = file.split(path.sep);
  return name === 'shared' ? `${top}/${name}/${layer}` : `${top}/${name}`;
}

function importLines(): ImportLine[] {
  return sourceFiles().flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    return [...text.matchAll(IMPORT)].map((match) => ({
      file,
      part: partOf(file),
      specifier: match[1] ?? match[2] ?? match[3] ?? '',
    }));
  });
}

/** The part that an import leads to; undefined when it leaves our code. */
function targetOf({ file, specifier }: ImportLine): string | undefined {
  if (specifier.startsWith('@penstock/')) {
    const [, name = '', layer] = specifier.split('/');
    const top = name === 'api' || name === 'worker' ? 'apps' : 'packages';
    return layer === undefined ? `${top}/${name}` : `${top}/${name}/${layer}`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = path.normalize(path.join(path.dirname(file), specifier));
  return target.includes('generated') ? undefined : partOf(target);
}

const lines = importLines();

describe('the architecture', () => {
  it('has only the parts whose dependencies are written down', () => {
    const unknown = new Set(lines.map(({ part }) => part).filter((part) => MAY_IMPORT[part] === undefined));
    expect([...unknown]).toEqual([]);
    expect(lines.length).toBeGreaterThan(300);
  });

  it('lets no part import what it must not', () => {
    const wrong = lines.filter((line) => {
      const target = targetOf(line);
      if (target === undefined || target === line.part) return false;
      const allowed = MAY_IMPORT[line.part] ?? [];
      return allowed.includes('*') ? target.startsWith('apps/') : !allowed.includes(target);
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('keeps queues, HTTP and databases out of the parts that must not know them', () => {
    const wrong = lines.filter(({ part, specifier }) =>
      FORBIDDEN_PACKAGES.some(([parts, packages]) => parts.test(part) && packages.test(specifier)),
    );
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('reads the environment in main only', () => {
    const readers = sourceFiles().filter(
      (file) =>
        /process\.env\b/.test(readFileSync(path.join(ROOT, file), 'utf8')) &&
        !/\/(main|testing\/[\w-]+)\.ts$/.test(file.split(path.sep).join('/')),
    );
    expect(readers).toEqual([]);
  });

  it('writes to no console but through the logger', () => {
    const writers = sourceFiles().filter((file) =>
      /\bconsole\.\w+\(/.test(readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(writers).toEqual([]);
  });
});
