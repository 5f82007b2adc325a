import type { Writable } from 'node:stream';

/** Writes into a stream. Resolves when it wants more; rejects with what it was destroyed with, before or meanwhile. */
export async function writeBytes(out: Writable, bytes: Uint8Array): Promise<void> {
  if (out.destroyed) throw reasonOf(out);
  if (out.write(bytes)) return;
  await drained(out);
}

function drained(out: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => (): void => {
      for (const event of ['drain', 'error', 'close'] as const) out.off(event, listeners[event]);
      finish();
    };
    const fail = end(() => reject(reasonOf(out)));
    const listeners = { drain: end(resolve), error: fail, close: fail };
    for (const event of ['drain', 'error', 'close'] as const) out.on(event, listeners[event]);
  });
}

function reasonOf({ errored }: Writable): Error {
  return errored ?? new Error('the stream was closed before its end');
}
