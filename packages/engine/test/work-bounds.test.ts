import { compileMapping, type ObjectType } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { isHeavy, isTooMuchWork, portions } from '../src/work-bounds.js';

const schema: ObjectType = {
  kind: 'object',
  properties: [{ name: 'a', type: { kind: 'string' }, nullable: true, description: '' }],
};
const mappingOf = (expression: string) => compileMapping({ a: expression }, schema, schema);
const light = mappingOf("upper(a) ' ' lower(a)");
const heavy = mappingOf(`coalesce(${'initcap(a) '.repeat(300)})`);

describe('the bounds of work', () => {
  it('look only at mappings that can make much of a record', () => {
    expect([isHeavy(light), isHeavy(heavy)]).toEqual([false, true]);
  });

  it('allow what is little work, whatever it is that is little: the mapping or the record', () => {
    expect(isTooMuchWork(heavy, ['x'])).toBe(false);
    expect(isTooMuchWork(light, ['x'.repeat(1_000_000)])).toBe(false);
    expect(isTooMuchWork(heavy, ['x'.repeat(10_000_000)])).toBe(true);
  });

  it('cut a batch into portions with all of its rows, in their order, and its unreadable records once', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => [`${index}`.padEnd(500, 'x')]);
    const failure = { step: 'Receive', code: 'C', message: 'm', key: null } as const;
    const cut = [...portions({ rows, unreadable: [failure] }, heavy)];
    expect(cut.length).toBeGreaterThan(1);
    expect(cut.flatMap((portion) => portion.rows)).toEqual(rows);
    expect(cut.flatMap((portion) => portion.unreadable)).toEqual([failure]);
    for (const portion of cut) expect(heavy.weight * portion.rows.length * 500).toBeLessThanOrEqual(50_000_000);
  });

  it('leave a batch of unreadable records a batch', () => {
    expect([...portions({ rows: [], unreadable: [] }, heavy)]).toEqual([{ rows: [], unreadable: [] }]);
  });
});
