import { FenceLostError, type ImportAttempt } from '@penstock/engine';
import { describe, expect, it } from 'vitest';
import { effectOf, OTHER_PIPELINE, PIPELINE, people, person, planFor, WORKSPACE } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

export function describeFence(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('the fence', () => {
    it('lets only later attempts begin', async () => {
      const warehouse = await open();
      const begin = (run: number, epoch: number): Promise<void> =>
        warehouse.begin({ run, epoch }).then((attempt) => attempt.close());
      await begin(5, 2);
      await expect(begin(5, 2)).rejects.toThrow(FenceLostError);
      await expect(begin(5, 1)).rejects.toThrow(FenceLostError);
      await expect(begin(4, 9)).rejects.toThrow(FenceLostError);
      await begin(5, 3);
      await begin(6, 1);
    });

    it('is one per pipeline', async () => {
      const warehouse = await open();
      const first = await warehouse.begin({ pipeline: PIPELINE, run: 10 });
      await first.stage(people(1, 2));
      await warehouse.import({ pipeline: OTHER_PIPELINE, run: 11, rows: people(1, 1) });
      expect((await first.publish(planFor({}))).added).toBe(2);
      await first.close();
    });

    it('lets one of many attempts that begin together publish', async () => {
      const warehouse = await open();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => warehouse.import({ run: 3, epoch: index + 1, rows: people(1, 50) })),
      );
      const published = outcomes.filter(({ status }) => status === 'fulfilled');
      const last = await warehouse.begin({ run: 3, epoch: 9 });
      expect(last.receipt).not.toBeNull();
      expect(published.length).toBeGreaterThan(0);
      expect(new Set(published.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(FenceLostError);
      }
      expect(await warehouse.userIds()).toHaveLength(50);
      await last.close();
    });

    it('hands the receipt of a run to its next attempt, and to no other run', async () => {
      const warehouse = await open();
      const failure = { step: 'Finalize' as const, code: 'Refused', message: 'm', count: 1, keys: ['k'] };
      const report = { notice: 'nothing was removed', failures: [failure] };
      const plan = { cursor: 'x', report: () => report };
      const receipt = await warehouse.import({ run: 1, epoch: 1, rows: people(1, 3), plan });
      expect(receipt).toMatchObject({ cursor: 'x', report });
      const next = await warehouse.begin({ run: 1, epoch: 2 });
      expect(next.receipt).toEqual(receipt);
      await next.close();
      const other = await warehouse.begin({ run: 2, epoch: 1 });
      expect(other.receipt).toBeNull();
      await other.close();
    });

    it('refuses an attempt on a place that belongs to another workspace', async () => {
      const warehouse = await open();
      const target = { ...warehouse.target(), workspace: WORKSPACE + 1 };
      const begun = warehouse.warehouse.beginImport(target, new AbortController().signal);
      await expect(begun).rejects.toMatchObject({ code: 'DifferentWarehouse' });
    });
  });

  describe('an attempt that was overtaken', () => {
    const overtakes: [string, (attempt: ImportAttempt, overtake: () => Promise<void>) => Promise<unknown>][] = [
      [
        'before it stages',
        async (attempt, overtake) => {
          await overtake();
          await attempt.stage(people(1, 40_000));
          return attempt.publish(planFor({}));
        },
      ],
      [
        'while it stages',
        async (attempt, overtake) => {
          await attempt.stage(people(1, 40_000));
          await overtake();
          await attempt.stage(people(40_001, 60_000));
          return attempt.publish(planFor({}));
        },
      ],
      [
        'before it publishes',
        async (attempt, overtake) => {
          await attempt.stage(people(1, 40_000));
          await overtake();
          return attempt.publish(planFor({}));
        },
      ],
      [
        'before it publishes that there was nothing',
        async (attempt, overtake) => {
          await overtake();
          return attempt.publish(planFor({}));
        },
      ],
    ];

    for (const [when, work] of overtakes) {
      it(`${when} gets FenceLostError and changes nothing`, async () => {
        const warehouse = await open();
        await warehouse.import({ run: 1, rows: people(1, 3) });
        const attempt = await warehouse.begin({ run: 2, epoch: 1 });
        const later: ImportAttempt[] = [];
        const overtake = async (): Promise<void> => {
          later.push(await warehouse.begin({ run: 2, epoch: 2 }));
        };
        await expect(work(attempt, overtake)).rejects.toThrow(FenceLostError);
        await attempt.close();
        expect(await warehouse.userIds()).toHaveLength(3);
        await later[0]?.stage([person(9)]);
        expect(effectOf((await later[0]?.publish(planFor({ rows: [person(9)] }))) ?? expect.fail())).toMatchObject({
          added: 1,
          removed: 3,
        });
        await later[0]?.close();
        expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
      });
    }

    for (const [epoch, rows] of [
      [2, 3],
      [2, 0],
      [1, 3],
    ] as const) {
      it(`and whose session still lives cannot publish ${rows} rows past ${epoch === 1 ? 'another run' : 'its next attempt'}`, async () => {
        const warehouse = await open();
        const attempt = await warehouse.begin({ run: 2, epoch: 1 });
        await attempt.stage(people(1, rows));
        await underTest().passFence(warehouse.settings, { pipeline: PIPELINE, run: epoch === 1 ? 3 : 2, epoch });
        await expect(attempt.publish(planFor({}))).rejects.toThrow(FenceLostError);
        expect(await warehouse.userIds()).toEqual([]);
      });
    }

    it('in the middle of its publish does not hold up the one that overtakes it', async () => {
      const warehouse = await open();
      await warehouse.import({ run: 1, rows: people(1, 3) });
      const attempt = await warehouse.begin({ run: 2, epoch: 1 });
      await attempt.stage(people(4, 40_000));
      const held = await underTest().holdPublish(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 1 });
      const publish = attempt.publish(planFor({}));
      const refused = expect(publish).rejects.toThrow(FenceLostError);
      await held.reached();
      const startedAt = Date.now();
      const receipt = await warehouse.import({ run: 2, epoch: 2, rows: people(1, 5) });
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect(effectOf(receipt)).toMatchObject({ added: 2, unchanged: 3 });
      await refused;
      await held.release();
      await attempt.close();
      expect(await warehouse.userIds()).toHaveLength(5);
    });
  });

  describe('an attempt whose server process dies', () => {
    it('ends with an error that says to try again, and the next one does everything', async () => {
      const warehouse = await open();
      await warehouse.import({ run: 1, rows: people(1, 3) });
      const attempt = await warehouse.begin({ run: 2, epoch: 1 });
      await attempt.stage(people(1, 40_000));
      expect(await underTest().killSessions(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 1 })).toBe(1);
      const publish = attempt.publish(planFor({}));
      await expect(publish).rejects.toMatchObject({ code: 'WarehouseUnavailable', retryable: true });
      await attempt.close();
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
      expect(await warehouse.userIds()).toHaveLength(3);
      expect((await warehouse.import({ run: 2, epoch: 2, rows: people(1, 40_000) })).added).toBe(39_997);
    });

    it('in the middle of its publish leaves nothing visible', async () => {
      const warehouse = await open();
      // A later import: all that it changes is written by the time that it waits.
      await warehouse.import({ run: 1, rows: people(1, 3) });
      const attempt = await warehouse.begin({ run: 2, epoch: 1 });
      await attempt.stage(people(4, 40_000));
      const name = { pipeline: PIPELINE, run: 2, epoch: 1 };
      const held = await underTest().holdPublish(warehouse.settings, name);
      const refused = expect(attempt.publish(planFor({}))).rejects.toMatchObject({ code: 'WarehouseUnavailable' });
      await held.reached();
      await underTest().killSessions(warehouse.settings, name);
      await refused;
      await held.release();
      await attempt.close();
      expect(await warehouse.userIds()).toEqual(['user-0001', 'user-0002', 'user-0003']);
      expect((await warehouse.begin({ run: 2, epoch: 2 })).receipt).toBeNull();
    });

    it('notices staged rows that disappeared', async () => {
      const warehouse = await open();
      await warehouse.import({ run: 1, rows: people(1, 3) });
      const attempt = await warehouse.begin({ run: 2, epoch: 1 });
      await attempt.stage(people(1, 40_000));
      await underTest().loseStaged(warehouse.settings, { pipeline: PIPELINE, run: 2, epoch: 1 });
      const publish = attempt.publish(planFor({}));
      await expect(publish).rejects.toMatchObject({ code: 'StagedRowsMissing', retryable: true });
      await attempt.close();
      expect(await warehouse.userIds()).toHaveLength(3);
    });
  });
}
