import { describe, expect, it } from 'vitest';
import { CONNECTION, OTHER_PIPELINE, PIPELINE, people, person } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

export function describeReading(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('reading identities', () => {
    it('lists them newest first, by page, with the total', async () => {
      const warehouse = await open();
      const rows = [1, 2, 3, 4, 5].map((number) => person(number, { updatedAt: `2024-01-0${6 - number} 00:00:00` }));
      await warehouse.import({ rows });
      const list = (first: number, limit: number): Promise<unknown> =>
        warehouse.warehouse
          .listIdentities({ first, limit })
          .then(({ identities, total }) => [total, ...identities.map(({ userId }) => userId)]);
      expect(await list(0, 2)).toEqual([5, 'user-0001', 'user-0002']);
      expect(await list(3, 10)).toEqual([5, 'user-0004', 'user-0005']);
      expect(await list(9, 10)).toEqual([5]);
    });

    it('lists those of a connection, and hides pipelines that are not asked for', async () => {
      const warehouse = await open();
      await warehouse.import({ pipeline: PIPELINE, rows: people(1, 3) });
      await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(1, 2) });
      const total = async (which: { connection?: number; pipelines?: number[] }): Promise<number> =>
        (await warehouse.warehouse.listIdentities({ ...which, first: 0, limit: 10 })).total;
      expect(await total({})).toBe(5);
      expect(await total({ connection: CONNECTION, pipelines: [PIPELINE] })).toBe(3);
      expect(await total({ connection: CONNECTION, pipelines: [] })).toBe(0);
      expect(await total({ connection: CONNECTION + 1 })).toBe(0);
    });

    it('never sees half an import', async () => {
      const warehouse = await open();
      const size = 5_000;
      const generation = (orders: number) => people(1, size).map((_, index) => person(index + 1, { orders }));
      let isOver = false;
      const seen: string[] = [];
      const reader = async (): Promise<void> => {
        while (!isOver) {
          const identities = await warehouse.identities();
          const orders = new Set(identities.map(({ attributes }) => attributes.orders));
          seen.push(`${identities.length} identities of ${orders.size}`);
        }
      };
      const readers = [reader(), reader()];
      for (const orders of [1, 2, 3]) await warehouse.import({ rows: generation(orders) });
      await warehouse.import({ rows: [] });
      isOver = true;
      await Promise.all(readers);
      expect(
        [...new Set(seen)].filter((state) => !['0 identities of 0', `${size} identities of 1`].includes(state)),
      ).toEqual([]);
    });
  });
}
