import { describe, expect, it } from 'vitest';
import { effectOf, PIPELINE, people, person } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

const ids = (first: number, last: number): string[] => people(first, last).map(([id]) => id);

export function describeRemoval(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('removing vanished identities', () => {
    it('spares those that are kept, however many, and does not touch them', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 30_000) });
      const before = await underTest().versions(warehouse.settings, PIPELINE);
      const receipt = await warehouse.import({
        rows: people(1, 5_000),
        keep: [...ids(5_001, 29_990), 'nobody', 'user-0001', 'nul\0', ...ids(6_000, 6_005)],
      });
      expect(effectOf(receipt)).toEqual({ added: 0, changed: 0, unchanged: 5_000, removed: 10, merged: 0 });
      const after = await underTest().versions(warehouse.settings, PIPELINE);
      expect([...after].every(([id, version]) => before.get(id) === version)).toBe(true);
      expect(after.size).toBe(29_990);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('keeps and stages in any order', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 40_000) });
      const attempt = await warehouse.begin();
      await attempt.stage(people(1, 17_000));
      await attempt.keep(ids(17_001, 28_000));
      await attempt.stage(people(28_001, 39_000));
      await attempt.keep(ids(39_001, 39_999));
      const counts = { passed: [1, 1, 1, 1, 1, 0], failed: [0, 0, 0, 0, 0, 0] };
      const plan = { removeVanished: true, compareUpdatedAt: true, maxRemovedShare: 0.3, counts, cursor: null };
      expect(effectOf(await attempt.publish(plan))).toMatchObject({ unchanged: 28_000, removed: 1 });
      await attempt.close();
    });

    it('removes nothing when not told to, whatever is kept', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 5) });
      const receipt = await warehouse.import({
        rows: [person(9)],
        keep: ['user-0001'],
        plan: { removeVanished: false },
      });
      expect(effectOf(receipt)).toMatchObject({ added: 1, removed: 0 });
      expect(await warehouse.userIds()).toHaveLength(6);
    });

    it('takes a removed identity back', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 3) });
      await warehouse.import({ rows: [] });
      expect(await warehouse.userIds()).toEqual([]);
      expect(effectOf(await warehouse.import({ rows: people(2, 3) }))).toMatchObject({ added: 2 });
      expect(await warehouse.userIds()).toEqual(ids(2, 3));
    });
  });

  describe('the delete brake', () => {
    it('stops a publish that would remove too much, says so, and changes nothing', async () => {
      const warehouse = await open();
      await warehouse.import({ run: 1, rows: people(1, 400) });
      const before = await underTest().versions(warehouse.settings, PIPELINE);
      const rows = [person(1, { orders: 0 }), ...people(2, 250), person(500)];
      const braked = warehouse.import({ run: 77, rows, plan: { maxRemovedShare: 0.3 } });
      await expect(braked).rejects.toMatchObject({
        name: 'StepError',
        step: 'Finalize',
        code: 'DeleteBrake',
        message: expect.stringMatching(/remove 150 of 400 identities \(37\.5%\).*maxRemovedShare.*runs\/77\/retry/),
        details: { removed: 150, existing: 400, received: 251, maxRemovedShare: 0.3 },
      });
      expect(await underTest().versions(warehouse.settings, PIPELINE)).toEqual(before);
      expect((await warehouse.begin({ run: 77, epoch: 2 })).receipt).toBeNull();
    });

    it('lets the same publish pass when the share allows it', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 400) });
      const receipt = await warehouse.import({ rows: people(1, 250), plan: { maxRemovedShare: 0.4 } });
      expect(effectOf(receipt)).toMatchObject({ removed: 150 });
    });

    it('does not count kept identities as removed', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 400) });
      const options = { rows: people(1, 250), keep: ids(251, 300), plan: { maxRemovedShare: 0.3 } };
      expect(effectOf(await warehouse.import(options))).toMatchObject({ removed: 100 });
    });

    it('stops a source that returned nothing, unless everything may go', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 2) });
      const nothing = { rows: [], plan: { maxRemovedShare: 0.9 } };
      await expect(warehouse.import(nothing)).rejects.toMatchObject({ code: 'DeleteBrake' });
      expect(await warehouse.userIds()).toHaveLength(2);
      expect(effectOf(await warehouse.import({ rows: [] }))).toMatchObject({ removed: 2 });
      expect(effectOf(await warehouse.import(nothing))).toMatchObject({ removed: 0 });
    });
  });
}
