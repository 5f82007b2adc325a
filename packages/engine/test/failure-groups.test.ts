import { describe, expect, it } from 'vitest';
import { FailureGroups } from '../src/failure-groups.js';

const failure = (message: string, key: string | null = 'k') => ({ step: 'Receive', code: 'C', message, key }) as const;

describe('failure groups', () => {
  it('count every record and name the first ten', () => {
    const groups = new FailureGroups();
    for (let index = 0; index < 25; index += 1) groups.add(failure('same', `k${index}`));
    groups.add(failure('same', null));
    expect(groups.list()).toEqual([
      {
        step: 'Receive',
        code: 'C',
        message: 'same',
        count: 26,
        keys: Array.from({ length: 10 }, (_, index) => `k${index}`),
      },
    ]);
  });

  it('stay bounded however many kinds of failures there are, and lose no count', () => {
    const groups = new FailureGroups();
    for (let index = 0; index < 5_000; index += 1) groups.add(failure(`message ${index}`));
    expect(groups.list().length).toBeLessThanOrEqual(501);
    expect(groups.list().reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  });

  it('show identifiers that every database can keep, whatever the records had', () => {
    const groups = new FailureGroups();
    for (const key of [`${'x'.repeat(199)}😀`, 'nul\0id', '\ud800alone']) groups.add(failure('m\0', key));
    expect(groups.list()).toMatchObject([
      { message: 'm\ufffd', keys: [`${'x'.repeat(199)}\ufffd`, 'nul\ufffdid', '\ufffdalone'] },
    ]);
  });

  it('are one where their messages are stored alike: cut, and with what no database can keep replaced', () => {
    const groups = new FailureGroups();
    const long = 'x'.repeat(500);
    for (const message of ['a\0', 'a\ufffd', 'a\ud800', `${long}1`, `${long}2`]) groups.add(failure(message));
    expect(groups.list().map(({ message, count }) => [message, count])).toEqual([
      ['a\ufffd', 3],
      [long, 2],
    ]);
  });

  it('cut identifiers that are too long to show', () => {
    const groups = new FailureGroups();
    groups.add(failure('m', 'x'.repeat(1_000)));
    expect(groups.list()[0]?.keys[0]).toHaveLength(200);
  });
});
