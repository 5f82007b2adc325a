import type { StagedRow } from '@penstock/engine';
import { describe, expect, it } from 'vitest';
import { effectOf, people, person } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

const OLD = '2024-01-01 00:00:00';
const NEW = '2024-01-02 00:00:00';

/** Three records of the same user; the last of the newest ones must win. */
const thrice = (number: number): StagedRow[] => [
  person(number, { updatedAt: NEW, orders: -1 }),
  person(number, { updatedAt: NEW, orders: -2 }),
  person(number, { updatedAt: OLD, orders: -3 }),
];

export function describeDuplicates(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());
  const orders = async (warehouse: TestWarehouse): Promise<unknown> =>
    Object.fromEntries((await warehouse.identities()).map(({ userId, attributes }) => [userId, attributes.orders]));

  describe('several records with one identifier', () => {
    it('merges them in a first import', async () => {
      const warehouse = await open();
      const receipt = await warehouse.import({ rows: [...thrice(1), ...people(2, 3)] });
      expect(effectOf(receipt)).toEqual({ added: 3, changed: 0, unchanged: 0, removed: 0, merged: 2 });
      expect(receipt.passed[5]).toBe(5);
      expect(await orders(warehouse)).toEqual({ 'user-0001': -2, 'user-0002': 2, 'user-0003': 3 });
    });

    for (const removeVanished of [true, false]) {
      const run = removeVanished ? 'a full run' : 'an incremental run';
      const plan = { removeVanished };

      it(`merges them when the identity exists, in ${run}`, async () => {
        const warehouse = await open();
        await warehouse.import({ rows: people(1, 3) });
        const receipt = await warehouse.import({ rows: [...thrice(1), ...people(2, 3)], plan });
        expect(effectOf(receipt)).toEqual({ added: 0, changed: 1, unchanged: 2, removed: 0, merged: 2 });
        expect(await orders(warehouse)).toMatchObject({ 'user-0001': -2 });
      });

      it(`does not change an identity that the winner leaves as it is, in ${run}`, async () => {
        const warehouse = await open();
        await warehouse.import({ rows: [person(1, { updatedAt: NEW }), person(2)] });
        const rows = [person(1, { updatedAt: NEW }), person(1, { updatedAt: OLD, orders: 99 }), person(2)];
        const receipt = await warehouse.import({ rows, plan });
        expect(effectOf(receipt)).toEqual({ added: 0, changed: 0, unchanged: 2, removed: 0, merged: 1 });
        expect(await orders(warehouse)).toMatchObject({ 'user-0001': 1 });
      });

      it(`merges them when the identity is new, in ${run}`, async () => {
        const warehouse = await open();
        await warehouse.import({ rows: people(2, 3) });
        const receipt = await warehouse.import({ rows: [...people(2, 3), ...thrice(1)], plan });
        expect(effectOf(receipt)).toEqual({ added: 1, changed: 0, unchanged: 2, removed: 0, merged: 2 });
        expect(await orders(warehouse)).toMatchObject({ 'user-0001': -2 });
      });
    }

    it('counts a vanished identity and a doubled one, which have the same numbers as none', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: people(1, 4) });
      const receipt = await warehouse.import({ rows: [...thrice(1), person(5), person(5), ...people(2, 2)] });
      expect(effectOf(receipt)).toEqual({ added: 1, changed: 1, unchanged: 1, removed: 2, merged: 3 });
      expect(await warehouse.userIds()).toEqual(['user-0001', 'user-0002', 'user-0005']);
    });

    it('goes by the order of reading across chunks', async () => {
      const warehouse = await open();
      const receipt = await warehouse.import({
        rows: [person(1, { orders: -1 }), ...people(2, 20_000), person(1, { orders: -2 }), ...people(2, 20_000)],
      });
      expect(effectOf(receipt)).toMatchObject({ added: 20_000, merged: 20_000 });
      expect(await orders(warehouse)).toMatchObject({ 'user-0001': -2 });
    });
  });
}
