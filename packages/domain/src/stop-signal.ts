/** A signal with several reasons to stop. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Lets go of the other signals and of the timer; to be called when what could be stopped is over. Idempotent. */
  release(): void;
}

/**
 * A signal that is aborted together with the first of others, with its reason, or after a time, with a `TimeoutError`. For
 * `AbortSignal.any` and `AbortSignal.timeout`, which Node.js may collect as garbage while somebody waits for them
 * (nodejs/node#48419 and those that followed): then nothing is ever stopped.
 */
export function stopSignal(signals: readonly AbortSignal[], timeoutMs?: number): StopSignal {
  const controller = new AbortController();
  const followers = signals.map((source) => ({ source, follow: () => stop(source.reason) }));
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop(timeoutReason()), timeoutMs).unref();
  const release = (): void => {
    clearTimeout(timer);
    for (const { source, follow } of followers) source.removeEventListener('abort', follow);
  };
  const stop = (reason: unknown): void => {
    release();
    controller.abort(reason);
  };
  for (const { source, follow } of followers) source.addEventListener('abort', follow, { once: true });
  const aborted = signals.find((source) => source.aborted);
  if (aborted !== undefined) stop(aborted.reason);
  return { signal: controller.signal, release };
}

function timeoutReason(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
