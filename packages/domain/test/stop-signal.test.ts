import { describe, expect, it } from 'vitest';
import { stopSignal } from '../src/index.js';

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('a stop signal', () => {
  it('is aborted with the first of its signals, for the same reason', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const { signal } = stopSignal([first.signal, second.signal], 60_000);
    const reason = aborted(signal);
    second.abort('enough');
    first.abort('too late');
    expect(await reason).toBe('enough');
    expect(signal.reason).toBe('enough');
  });

  it('is aborted from the beginning when one of its signals is', () => {
    expect(stopSignal([new AbortController().signal, AbortSignal.abort('before')]).signal.reason).toBe('before');
  });

  it('is aborted after its time', async () => {
    expect(await aborted(stopSignal([], 1).signal)).toMatchObject({ name: 'TimeoutError' });
  });

  it('is never aborted after it was released', async () => {
    const source = new AbortController();
    const { signal, release } = stopSignal([source.signal], 1);
    release();
    source.abort();
    await aborted(stopSignal([], 5).signal);
    expect(signal.aborted).toBe(false);
  });
});
