import { describe, expect, it } from 'vitest';
import { StaleWatch } from '../src/use-cases/stale-watch.js';

const options = { staleAfterMs: 30_000, lookEveryMs: 10_000 };
const run = (heartbeatAt: string, epoch = 1) => ({ run: 5, epoch, heartbeatAt });

describe('recovery', () => {
  it('finds a run stale once it has watched its heartbeat stay the same for the whole time', () => {
    const watch = new StaleWatch(options);
    expect(watch.look([run('a')], 0)).toEqual([]);
    expect(watch.look([run('a')], 10_000)).toEqual([]);
    expect(watch.look([run('a')], 20_000)).toEqual([]);
    expect(watch.look([run('a')], 30_000)).toEqual([run('a')]);
  });

  it('starts anew with every heartbeat and with every epoch', () => {
    const watch = new StaleWatch(options);
    watch.look([run('a')], 0);
    watch.look([run('a')], 10_000);
    watch.look([run('b')], 20_000);
    expect(watch.look([run('b')], 30_000)).toEqual([]);
    expect(watch.look([run('b', 2)], 40_000)).toEqual([]);
    expect(watch.look([run('b', 2)], 50_000)).toEqual([]);
  });

  it('condemns nobody for the time in which it could not look itself', () => {
    const watch = new StaleWatch(options);
    watch.look([run('a')], 0);
    watch.look([run('a')], 10_000);
    watch.reset();
    expect(watch.look([run('a')], 90_000)).toEqual([]);
    expect(watch.look([run('a')], 110_000)).toEqual([]);
    expect(watch.look([run('a')], 120_000)).toEqual([run('a')]);
  });

  it('condemns nobody after it stood still itself', () => {
    const watch = new StaleWatch(options);
    watch.look([run('a')], 0);
    watch.look([run('a')], 10_000);
    expect(watch.look([run('a')], 300_000)).toEqual([]);
  });
});
