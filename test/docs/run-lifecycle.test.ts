import { ERRORS, RUN_STATUSES, SCHEDULE_PERIODS, STEPS } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { codeBlocks, inlineCode, section, tableRows, unquote } from './support/documents.js';
import { productSources, readText } from './support/repository.js';

const DOCUMENT = 'docs/run-lifecycle.md';
const states = section(DOCUMENT, 'States');

const diagram = codeBlocks(states).find(({ language }) => language === 'mermaid')?.text ?? '';
const drawn = [...diagram.matchAll(/^\s*(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} -> ${to}`);

/** The files that write the status of a run. */
const writers = productSources().filter((file) => !file.includes('/testing/') && writesStatus(readText(file)));

/** A heartbeat is an UPDATE that leaves the status alone. */
function writesStatus(text: string): boolean {
  return text.includes('INSERT INTO runs') || updates(text).some(({ to }) => to !== '');
}

function updates(text: string): { from: string[]; to: string }[] {
  return [...text.matchAll(/UPDATE runs SET ([\s\S]*?)\bWHERE\b([\s\S]*?)(?:RETURNING|`)/g)].map(
    ([, set = '', where = '']) => {
      const cancelling = /CASE WHEN status = '(\w+)' AND epoch = 0 THEN '(\w+)'/.exec(set);
      if (cancelling) return { from: [cancelling[1] ?? ''], to: cancelling[2] ?? '' };
      const to = /\bstatus = ('(\w+)'|\$\d)/.exec(set);
      return {
        from: [...where.matchAll(/status = '(\w+)'/g)].map(([, status = '']) => status),
        to: to?.[2] ?? to?.[1] ?? '',
      };
    },
  );
}

/** The transitions that the statements make; a final state that is a parameter is one of `RunEnd`. */
function transitions(): string[] {
  const finals = /readonly status: (.*);/.exec(readText('packages/shared/src/use-cases/end-run.ts'))?.[1] ?? '';
  const ends = [...finals.matchAll(/'(\w+)'/g)].map(([, status = '']) => status);
  return writers
    .flatMap((file) => updates(readText(file)))
    .filter(({ to }) => to !== '')
    .flatMap(({ from, to }) =>
      from.flatMap((status) => (to.startsWith('$') ? ends : [to]).map((end) => `${status} -> ${end}`)),
    );
}

describe('the diagram of states', () => {
  it('has the states that there are', () => {
    const named = new Set(drawn.flatMap((edge) => edge.split(' -> ')).filter((state) => state !== '*'));
    expect([...named].toSorted()).toEqual([...RUN_STATUSES].toSorted());
    const text = codeBlocks(states).find(({ language }) => language === '')?.text ?? '';
    expect([...text.matchAll(/\[ (\w+) \]/g)].map(([, state]) => state).toSorted()).toEqual(
      [...RUN_STATUSES].toSorted(),
    );
  });

  it('has the transitions that the statements make, and no other', () => {
    expect(drawn.toSorted()).toEqual([...new Set(transitions())].toSorted());
  });

  it('names the files that write a status, all of them', () => {
    const named = inlineCode(states).filter((token) => token.endsWith('.ts'));
    expect(named.toSorted()).toEqual(writers.toSorted());
  });
});

describe('the life of a run', () => {
  it('has the stages of an attempt in their order', () => {
    const ofImport = /type ImportStage = (.*);/.exec(readText('packages/engine/src/execute-import.ts'))?.[1] ?? '';
    const ofAttempt = /type AttemptStage = (.*);/.exec(readText('apps/worker/src/runtime/attempt.ts'))?.[1] ?? '';
    const stages = [...ofAttempt.replace('RunStage', ofImport).matchAll(/'(\w+)'/g)].map(([, stage]) => stage);
    expect(tableRows(section(DOCUMENT, 'An attempt')).map(([stage = '']) => unquote(stage))).toEqual(stages);
  });

  it('has the stages of an export in their order, in the page about exports', () => {
    const ofExport = /type ExportStage = (.*);/.exec(readText('packages/engine/src/execute-export.ts'))?.[1] ?? '';
    const stages = [...ofExport.matchAll(/'(\w+)'/g)].map(([, stage]) => stage);
    const rows = tableRows(section('docs/exports.md', 'An attempt'));
    expect(rows.map(([stage = '']) => unquote(stage))).toEqual(stages);
  });

  it('names the errors that are tried again, all of them', () => {
    const row = tableRows(section(DOCUMENT, 'What ends an attempt')).find(([end = '']) =>
      end.startsWith('a retryable error'),
    );
    const retryable = Object.entries(ERRORS).flatMap(([code, error]) => (error.retryable ? [code] : []));
    expect(inlineCode(row?.[0] ?? '')).toEqual(retryable);
  });

  it('names only error codes that exist', () => {
    const codes = inlineCode(readText(DOCUMENT)).filter((token) => /^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(token));
    const others = new Set(['FenceLostError']);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !(code in ERRORS) && !others.has(code))).toEqual([]);
  });

  it('has the steps and the periods that there are', () => {
    expect(tableRows(section(DOCUMENT, 'Counting')).map(([step]) => step)).toEqual(STEPS);
    expect(/A period is (.*)\. Each/.exec(section(DOCUMENT, 'Schedules'))?.[1]?.split(/, | or /)).toEqual(
      SCHEDULE_PERIODS,
    );
  });
});

describe('what dies when', () => {
  const rows = tableRows(section(DOCUMENT, 'What dies when, and what happens'));

  it('has a test for each line', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(([, , test = '']) => !/^`[\w./-]+\.ts`: .+/.test(test))).toEqual([]);
  });

  it.each(rows)('%s: is proved by a test that exists', (_what, _then, proof = '') => {
    const [, file = '', title = ''] = /^`(.+?)`: (.+)$/.exec(proof) ?? [];
    const titles = [...readText(file).matchAll(/\b(?:it|test|describe)[^'"`\n]*\(\s*(['"`])(.+?)\1/g)].map(
      ([, , name]) => name,
    );
    const cases = [...readText(file).matchAll(/\]?\)\(\s*(['"`])(.+?)\1/g)].map(([, , name]) => name);
    expect([...titles, ...cases]).toContain(title);
  });
});
