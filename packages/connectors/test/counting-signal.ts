/** A signal that counts how often somebody looks at it, and is aborted at one of these looks. */
export interface CountingSignal {
  readonly signal: AbortSignal;
  readonly reason: Error;
  looks(): number;
}

export function countingSignal(abortAt = Number.POSITIVE_INFINITY): CountingSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('stopped by the test');
  let looks = 0;
  signal.throwIfAborted = () => {
    looks += 1;
    if (looks === abortAt) controller.abort(reason);
    AbortSignal.prototype.throwIfAborted.call(signal);
  };
  return { signal, reason, looks: () => looks };
}
