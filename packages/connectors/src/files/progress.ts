const STEP_BYTES = 1024 * 1024;

/** Passes bytes on, and tells with every MiB of them that it goes on. */
export async function* withProgress(
  content: AsyncIterable<Uint8Array>,
  onProgress: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let untold = 0;
  for await (const chunk of content) {
    yield chunk;
    untold += chunk.length;
    if (untold < STEP_BYTES) continue;
    untold = 0;
    onProgress();
  }
}
