interface DestroyableSession {
  readonly address: string;
  destroy(): Promise<void>;
}

interface Preparing {
  readonly signal: AbortSignal;
  /** Says what went wrong in words for the user. */
  readonly explain: (error: unknown, address: string, doing: string) => unknown;
}

/** Does something in a session before anything is written; the session is ended when that fails or the signal is aborted meanwhile. */
export async function orDestroy<Result>(
  session: DestroyableSession,
  { signal, explain }: Preparing,
  work: () => Promise<Result>,
): Promise<Result> {
  const destroy = () => void session.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    await session.destroy();
    signal.throwIfAborted();
    throw explain(error, session.address, 'preparing to write');
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}
