import { describe, expect, it } from 'vitest';
import { Batcher } from '../src/platform/index.js';

/** Work that is done when the test says so. */
function heldWork() {
  const batches: (readonly number[])[] = [];
  const finish: (() => void)[] = [];
  const batcher = new Batcher<number, string>(
    (items) => {
      batches.push(items);
      return new Promise((resolve) => finish.push(() => resolve(items.map((item) => `done ${item}`))));
    },
    undefined,
    { maxItems: 3 },
  );
  return { batcher, batches, finishNext: () => finish.shift()?.() };
}

describe('a batcher', () => {
  it('works for a caller alone at once, and for those that come meanwhile together, after that', async () => {
    const { batcher, batches, finishNext } = heldWork();
    const first = batcher.do(1);
    expect(batches).toEqual([[1]]);
    const others = Promise.all([batcher.do(2), batcher.do(3)]);
    expect(batches).toEqual([[1]]);
    finishNext();
    expect(await first).toBe('done 1');
    expect(batches).toEqual([[1], [2, 3]]);
    finishNext();
    expect(await others).toEqual(['done 2', 'done 3']);
  });

  it('takes no more at once than it may', async () => {
    const { batcher, batches, finishNext } = heldWork();
    const all = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.do(item)));
    for (let batch = 0; batch < 3; batch += 1) {
      finishNext();
      await new Promise(setImmediate);
    }
    expect(await all).toHaveLength(5);
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('lets nobody fail because of somebody else, when the work can be done for each alone', async () => {
    const alone = async (item: number): Promise<number> => {
      if (item === 13) throw new Error('unlucky');
      return item;
    };
    const batcher = new Batcher<number, number>((items) => Promise.all(items.map(alone)), alone);
    const first = batcher.do(1);
    const others = await Promise.allSettled([batcher.do(2), batcher.do(13), batcher.do(3)]);
    expect(await first).toBe(1);
    expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('tells a failure to those whose batch it was, and works on', async () => {
    let fails = true;
    const batcher = new Batcher<number, number>(async (items) => {
      if (fails) throw new Error('away');
      return items;
    });
    await expect(batcher.do(1)).rejects.toThrow('away');
    fails = false;
    expect(await batcher.do(2)).toBe(2);
  });
});
