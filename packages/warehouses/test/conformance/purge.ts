import { FenceLostError } from '@penstock/engine';
import { describe, expect, it } from 'vitest';
import { OTHER_PIPELINE, PIPELINE, people, planFor } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

export function describePurge(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('purging a pipeline', () => {
    it('removes its identities for good, and no others; twice is as good as once', async () => {
      const warehouse = await open();
      await warehouse.import({ pipeline: PIPELINE, rows: people(1, 3) });
      await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(1, 2) });
      await underTest().platform.purgePipeline(warehouse.settings, PIPELINE);
      await underTest().platform.purgePipeline(warehouse.settings, PIPELINE);
      expect((await warehouse.identities()).map(({ pipeline }) => pipeline)).toEqual([OTHER_PIPELINE, OTHER_PIPELINE]);
      await expect(warehouse.begin({ pipeline: PIPELINE })).rejects.toThrow(FenceLostError);
    });

    it('stops an attempt that is under way, and clears away what it staged', async () => {
      const warehouse = await open();
      const attempt = await warehouse.begin({ run: 1 });
      await attempt.stage(people(1, 40_000));
      await underTest().platform.purgePipeline(warehouse.settings, PIPELINE);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
      await expect(attempt.publish(planFor({}))).rejects.toThrow(FenceLostError);
      await attempt.close();
      expect(await warehouse.userIds()).toEqual([]);
    });

    it('stops an attempt in the middle of its publish', async () => {
      const warehouse = await open();
      const attempt = await warehouse.begin({ run: 1 });
      await attempt.stage(people(1, 40_000));
      const held = await underTest().holdPublish(warehouse.settings, { pipeline: PIPELINE, run: 1, epoch: 1 });
      const refused = expect(attempt.publish(planFor({}))).rejects.toThrow(FenceLostError);
      await held.reached();
      const purged = underTest().platform.purgePipeline(warehouse.settings, PIPELINE);
      await refused;
      await held.release();
      await purged;
      await attempt.close();
      expect(await warehouse.userIds()).toEqual([]);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('also works for a pipeline that never ran', async () => {
      const warehouse = await open();
      await underTest().platform.purgePipeline(warehouse.settings, PIPELINE);
      await expect(warehouse.begin()).rejects.toThrow(FenceLostError);
    });
  });

  describe('leftovers', () => {
    it('of attempts that are over are dropped, those of live attempts stay', async () => {
      const warehouse = await open();
      const dead = await warehouse.begin({ pipeline: PIPELINE, run: 1 });
      await dead.stage(people(1, 40_000));
      const live = await warehouse.begin({ pipeline: OTHER_PIPELINE, run: 2, epoch: 4 });
      await live.stage(people(1, 40_000));
      expect(await underTest().leftovers(warehouse.settings)).toHaveLength(2);
      const asked: string[] = [];
      const dropped = await underTest().platform.dropLeftovers(warehouse.settings, (run, epoch) => {
        asked.push(`${run}:${epoch}`);
        return Promise.resolve(run === 2);
      });
      expect(asked.sort()).toEqual(['1:1', '2:4']);
      expect(dropped).toBe(1);
      expect(await underTest().leftovers(warehouse.settings)).toHaveLength(1);
      expect((await live.publish(planFor({}))).added).toBe(40_000);
      await Promise.all([dead.close(), live.close()]);
    });
  });
}
