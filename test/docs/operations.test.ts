import { randomBytes } from 'node:crypto';
import { ERRORS } from '@penstock/domain';
import { createSecrets, parseMasterKeys } from '@penstock/shared/platform';
import { JOBS, QUEUE_NAMES } from '@penstock/shared/queues';
import { describe, expect, it } from 'vitest';
import { inlineCode, section, tableRows, testedBlock, unquote } from './support/documents.js';
import { productSources, readText } from './support/repository.js';

const DOCUMENT = 'docs/operations.md';

describe('metrics', () => {
  it('are those that the api has, with their labels', () => {
    const source = readText('apps/api/src/observability/metrics.ts');
    const actual = [...source.matchAll(/name: '(penstock_\w+)'[\s\S]*?labelNames: \[(.*?)\]/g)].map(
      ([, name, labels = '']) => [name, labels.replaceAll("'", '')],
    );
    const documented = tableRows(section(DOCUMENT, 'Metrics')).map(([name = '', labels = '']) => [
      unquote(name),
      inlineCode(labels).join(', '),
    ]);
    expect(documented).toEqual(actual);
  });
});

describe('log messages', () => {
  const source = productSources().map(readText).join('\n');

  it.each(tableRows(section(DOCUMENT, 'Logs')))('%s (%s) exists', (message = '', level = '') => {
    const call = new RegExp(`logger\\s*\\.(\\w+)\\(\\s*'${unquote(message).replace(/[.*+?()]/g, '\\$&')}'`);
    expect(call.exec(source)?.[1]).toBe(level);
  });
});

describe('queues', () => {
  it('and their jobs are those of the catalog', () => {
    const documented = tableRows(section(DOCUMENT, 'Queue pages')).map(([queue = '', jobs = '']) => ({
      queue: unquote(queue),
      jobs: inlineCode(jobs),
    }));
    const names = Object.keys(JOBS) as (keyof typeof JOBS)[];
    expect(documented).toEqual(
      QUEUE_NAMES.map((queue) => ({ queue, jobs: names.filter((name) => JOBS[name].queue === queue) })),
    );
  });
});

describe('the errors of runs', () => {
  const rows = tableRows(section(DOCUMENT, 'A run failed')).map(([code = '', again]) => [unquote(code), again]);

  it('are those of docs/errors.md', () => {
    const known = tableRows(section('docs/errors.md', 'Requests and runs')).map(([code = '']) => unquote(code));
    expect(rows.map(([code]) => code).toSorted()).toEqual(known.toSorted());
  });

  it('say which are tried again', () => {
    expect(rows).toEqual(rows.map(([code]) => [code, ERRORS[code as keyof typeof ERRORS].retryable ? 'yes' : 'no']));
  });
});

describe('the rotation of a master key', () => {
  const [OLD, NEW] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const steps = [...testedBlock(DOCUMENT, 'rotation').matchAll(/PENSTOCK_MASTER_KEY=(\S+)/g)].map(([, value = '']) =>
    createSecrets(parseMasterKeys(value.replace('OLD', OLD).replace('NEW', NEW))),
  );

  it('leaves no moment at which a process cannot read what another one writes', () => {
    expect(steps).toHaveLength(3);
    for (const [index, next] of steps.slice(1).entries()) {
      const before = steps[index];
      expect(next.decrypt(before?.encrypt('settings') ?? '')).toBe('settings');
      expect(before?.decrypt(next.encrypt('settings'))).toBe('settings');
    }
  });

  it('ends with the new key, and still reads what the old one wrote', () => {
    expect(steps[2]?.encrypt('settings')).toMatch(/^v1\.2027\./);
    expect(steps[2]?.decrypt(steps[0]?.encrypt('settings') ?? '')).toBe('settings');
  });
});
