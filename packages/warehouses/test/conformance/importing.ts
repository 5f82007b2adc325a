import { describe, expect, it } from 'vitest';
import { effectOf, OTHER_PIPELINE, PIPELINE, people, person, planFor } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

export function describeImporting(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('importing', () => {
    it('publishes what was staged, with a receipt', async () => {
      const warehouse = await open();
      const receipt = await warehouse.import({ run: 7, rows: people(1, 3), plan: { cursor: '2024-05-06 07:08:09' } });
      expect(receipt).toEqual({
        run: 7,
        epoch: 1,
        passed: [3, 3, 3, 3, 3, 3],
        failed: [0, 0, 0, 0, 0, 0],
        added: 3,
        changed: 0,
        unchanged: 0,
        removed: 0,
        merged: 0,
        cursor: '2024-05-06 07:08:09',
        report: null,
      });
      expect((await warehouse.identities())[0]).toEqual({
        userId: 'user-0001',
        connection: 200_000_001,
        pipeline: PIPELINE,
        updatedAt: '2024-05-06 07:08:09.123456',
        attributes: { email: 'user-0001@example.com', 'address.country': 'IT', orders: 1, extra: null },
      });
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('shows nothing before publish, and nothing of an attempt that is closed instead', async () => {
      const warehouse = await open();
      const attempt = await warehouse.begin();
      await attempt.stage(people(1, 20_000));
      expect(await warehouse.userIds()).toEqual([]);
      await attempt.close();
      await attempt.close();
      expect(await warehouse.userIds()).toEqual([]);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('arrives at the same rows by attaching and by comparing', async () => {
      const warehouse = await open();
      const final = [...people(2, 5_000), person(1, { orders: -1 }), person(6_000)];
      await warehouse.import({ pipeline: PIPELINE, rows: final });
      await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(1, 5_100) });
      await warehouse.import({ pipeline: OTHER_PIPELINE, rows: final });
      const identities = await warehouse.identities();
      const of = (pipeline: number): unknown[] =>
        identities
          .filter((identity) => identity.pipeline === pipeline)
          .map((identity) => ({ ...identity, pipeline: 0 }));
      expect(of(OTHER_PIPELINE)).toHaveLength(5_001);
      expect(of(OTHER_PIPELINE)).toEqual(of(PIPELINE));
    });

    it('writes only what differs', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 100) });
      const before = await underTest().versions(warehouse.settings, PIPELINE);
      const receipt = await warehouse.import({
        rows: [person(1, { orders: 0 }), ...people(2, 99), ...people(101, 103)],
      });
      expect(effectOf(receipt)).toEqual({ added: 3, changed: 1, unchanged: 98, removed: 1, merged: 0 });
      const after = await underTest().versions(warehouse.settings, PIPELINE);
      const rewritten = [...before].filter(([id, version]) => after.get(id) !== version).map(([id]) => id);
      expect(rewritten.sort()).toEqual(['user-0001', 'user-0100']);
    });

    it('compares the update time only where the source has one', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 10) });
      const later = people(1, 10).map((_, index) => person(index + 1, { updatedAt: '2025-01-01 00:00:00' }));
      const ignored = await warehouse.import({ rows: later, plan: { compareUpdatedAt: false } });
      expect(effectOf(ignored)).toMatchObject({ changed: 0, unchanged: 10 });
      expect((await warehouse.identities())[0]?.updatedAt).toBe('2024-05-06 07:08:09.123456');
      const compared = await warehouse.import({ rows: later });
      expect(effectOf(compared)).toMatchObject({ changed: 10, unchanged: 0 });
      expect((await warehouse.identities())[0]?.updatedAt).toBe('2025-01-01 00:00:00');
    });

    it('empties what the mapping no longer fills', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 2) });
      const receipt = await warehouse.import({
        rows: [['user-0001', '2024-05-06 07:08:09.123456', 1]],
        mapped: ['orders'],
      });
      expect(effectOf(receipt)).toMatchObject({ changed: 1, removed: 1 });
      expect((await warehouse.identities()).map(({ attributes }) => attributes)).toEqual([
        { email: null, 'address.country': null, orders: 1, extra: null },
      ]);
    });

    it('takes records without a single value for what they are', async () => {
      const warehouse = await open();
      const empty = (id: string): [string, string] => [id, '2024-01-01 00:00:00'];
      const first = await warehouse.import({ rows: [empty('a'), empty('b')], mapped: [] });
      const plan = { compareUpdatedAt: false };
      const second = await warehouse.import({ rows: [empty('b'), empty('c')], mapped: [], plan });
      expect(effectOf(first)).toMatchObject({ added: 2 });
      expect(effectOf(second)).toEqual({ added: 1, changed: 0, unchanged: 1, removed: 1, merged: 0 });
      expect(await warehouse.userIds()).toEqual(['b', 'c']);
    });

    it('adds and changes without removing in an incremental run, few rows or many', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 5_000) });
      const plan = { removeVanished: false };
      const few = await warehouse.import({ rows: [person(5_001), person(7, { orders: 0 }), person(8)], plan });
      expect(effectOf(few)).toEqual({ added: 1, changed: 1, unchanged: 1, removed: 0, merged: 0 });
      const many = await warehouse.import({ rows: [...people(1, 4_000), ...people(5_002, 5_010)], plan });
      expect(effectOf(many)).toEqual({ added: 9, changed: 1, unchanged: 3_999, removed: 0, merged: 0 });
      expect(await warehouse.userIds()).toHaveLength(5_010);
    });

    it('leaves a receipt of a run without records, and stages nothing', async () => {
      const warehouse = await open();
      const attempt = await warehouse.begin({ run: 5 });
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
      const receipt = await attempt.publish({ ...planFor({ plan: { removeVanished: false } }), cursor: 'c' });
      await attempt.close();
      expect(receipt).toMatchObject({ run: 5, added: 0, passed: [0, 0, 0, 0, 0, 0], cursor: 'c' });
      expect((await warehouse.begin({ run: 5, epoch: 2 })).receipt).toEqual(receipt);
    });

    it('takes batches of any size', async () => {
      const warehouse = await open();
      const attempt = await warehouse.begin();
      await attempt.stage([]);
      await attempt.stage(people(1, 1));
      await attempt.stage(people(2, 40_000));
      await attempt.stage(people(40_001, 40_002));
      const receipt = await attempt.publish(planFor({}));
      await attempt.close();
      expect(receipt.added).toBe(40_002);
      expect((await warehouse.warehouse.listIdentities({ first: 0, limit: 0 })).total).toBe(40_002);
    });

    it('takes rows that are larger than a chunk', async () => {
      const warehouse = await open();
      const large = JSON.stringify('ü'.repeat(6_000_000));
      const rows = people(1, 3).map(([id, updatedAt]) => [id, updatedAt, large] as const);
      expect((await warehouse.import({ rows, mapped: ['extra'] })).added).toBe(3);
      expect((await warehouse.import({ rows, mapped: ['extra'] })).unchanged).toBe(3);
      expect((await warehouse.identities())[2]?.attributes.extra).toBe(large);
    });

    it('keeps pipelines apart', async () => {
      const warehouse = await open();
      await warehouse.import({ pipeline: PIPELINE, rows: people(1, 3) });
      await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(3, 4) });
      const receipt = await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(4, 4) });
      expect(effectOf(receipt)).toMatchObject({ removed: 1, unchanged: 1 });
      expect(await warehouse.userIds()).toEqual(['user-0001', 'user-0002', 'user-0003', 'user-0004']);
    });

    it('refuses a mapping to a property that the schema does not have', async () => {
      const warehouse = await open();
      await expect(warehouse.begin({ mapped: ['nowhere'] })).rejects.toMatchObject({ code: 'SchemaDrift' });
    });
  });
}
