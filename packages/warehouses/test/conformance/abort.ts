import { describe, expect, it } from 'vitest';
import { PIPELINE, people, planFor } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

export function describeAbort(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('an aborted signal', () => {
    it('ends staging with its reason, and nothing of it remains', async () => {
      const warehouse = await open();
      const controller = new AbortController();
      const attempt = await warehouse.begin({ signal: controller.signal });
      await attempt.stage(people(1, 40_000));
      controller.abort(new Error('cancelled'));
      await expect(attempt.stage(people(40_001, 40_001))).rejects.toThrow('cancelled');
      await expect(attempt.publish(planFor({}))).rejects.toThrow('cancelled');
      await attempt.close();
      expect(await warehouse.userIds()).toEqual([]);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('ends a publish that is waiting, at once and without a trace', async () => {
      const warehouse = await open();
      await warehouse.import({ run: 1, rows: people(1, 3) });
      const controller = new AbortController();
      const attempt = await warehouse.begin({ run: 2, signal: controller.signal });
      await attempt.stage(people(4, 40_000));
      const held = await underTest().holdPublish(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 1 });
      const refused = expect(attempt.publish(planFor({}))).rejects.toThrow('cancelled');
      await held.reached();
      const abortedAt = Date.now();
      controller.abort(new Error('cancelled'));
      await refused;
      expect(Date.now() - abortedAt).toBeLessThan(1_000);
      await held.release();
      await attempt.close();
      expect(await warehouse.userIds()).toHaveLength(3);
      expect((await warehouse.import({ run: 2, epoch: 2, rows: people(1, 3) })).unchanged).toBe(3);
    });

    it('that is aborted from the beginning begins nothing', async () => {
      const warehouse = await open();
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(warehouse.begin({ run: 9, signal })).rejects.toThrow('too late');
      await (await warehouse.begin({ run: 1 })).close();
    });
  });
}
