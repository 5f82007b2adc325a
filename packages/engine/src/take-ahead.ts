import { atStep } from './at-step.js';

/** What is done with each batch of a reader. */
export interface BatchWork<Batch, Outcome> {
  /** Cuts a batch into those that are taken at once; absent where that is always the batch itself. */
  readonly split?: (batch: Batch) => Iterable<Batch>;
  /** Outcomes that are waited for may be several at a time; they come in the order of their batches. */
  readonly take: (batch: Batch) => Outcome | Promise<Outcome>;
  /** Batches that are worth handing over ahead. */
  readonly ahead: number;
}

/** Reads batches and takes them through the steps, some of them ahead of the one whose outcome is awaited. */
export async function* takeAhead<Batch, Outcome>(
  source: AsyncIterable<Batch>,
  { split = (batch) => [batch], take, ahead: maxAhead }: BatchWork<Batch, Outcome>,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const batches = source[Symbol.asyncIterator]();
  const ahead: Promise<Outcome>[] = [];
  const settle = () => atStep('Transformation', signal, () => ahead.shift() as Promise<Outcome>);
  for (;;) {
    const reading = unnoticed(atStep('Receive', signal, () => batches.next()));
    // A slow source does not hold back what has been transformed, nor the news that it cannot be.
    while (ahead.length > 0 && (await comesFirst(ahead[0], reading))) yield await settle();
    const next = await reading;
    if (next.done) break;
    for (const batch of split(next.value)) {
      const taken = take(batch);
      if (!(taken instanceof Promise)) {
        yield taken;
        continue;
      }
      ahead.push(unnoticed(taken));
      if (ahead.length > maxAhead) yield await settle();
    }
  }
  while (ahead.length > 0) yield await settle();
}

/** One that fails is noticed when its turn comes; until then it must not be taken for a failure that nobody handles. */
export function unnoticed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Whether a promise settles, one way or the other, before another one does. */
async function comesFirst(first: Promise<unknown> | undefined, other: Promise<unknown>): Promise<boolean> {
  const settled = (promise: Promise<unknown> | undefined, isFirst: boolean) =>
    Promise.resolve(promise).then(
      () => isFirst,
      () => isFirst,
    );
  return Promise.race([settled(first, true), settled(other, false)]);
}
