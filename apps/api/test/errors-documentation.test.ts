import { readFileSync } from 'node:fs';
import { ERRORS } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { routes } from '../src/routes/index.js';

const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

const documented = [...text.matchAll(/^\| `(\w+)` +\| (\d+) +\| (.+?) +\| (.+?) +\|$/gm)].map(
  ([, code, status, meaning, advice]) => ({
    code,
    status: Number(status),
    meaning,
    advice: advice ?? '',
  }),
);

describe('docs/errors.md', () => {
  it('has every code of the table once, with its status and its message', () => {
    const table = Object.entries(ERRORS).map(([code, { status, message }]) => ({ code, status, meaning: message }));
    const byCode = (a: { code: string | undefined }, b: { code: string | undefined }) =>
      String(a.code).localeCompare(String(b.code));
    expect(documented.map(({ advice: _, ...row }) => row).sort(byCode)).toEqual(table.sort(byCode));
  });

  it('says for each code what to do', () => {
    expect(documented.filter(({ advice }) => advice.length < 10)).toEqual([]);
  });

  it('names only endpoints that exist', () => {
    const known = new Set(routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const named = [...text.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`]+)`/g)].map(([, endpoint]) => endpoint ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((endpoint) => !known.has(endpoint))).toEqual([]);
  });
});
