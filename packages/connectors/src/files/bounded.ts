import { invalidFile } from './file-errors.js';

const MIB = 1024 * 1024;

/** What is bounded: a file as it is stored, or what it becomes. */
export type SizeOf = 'stored' | 'decompressed';

/** Passes bytes on, and ends with AppError `InvalidFile` before more than `maxBytes` of them have been. */
export async function* bounded(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
  of: SizeOf,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes, of);
    yield chunk;
  }
}

export function tooLarge(maxBytes: number, of: SizeOf): Error {
  const size = `${Math.floor((maxBytes / MIB) * 100) / 100} MiB`;
  const when = of === 'decompressed' ? ' when decompressed' : '';
  return invalidFile(`is larger than ${size}${when}, which this installation allows at most (MAX_FILE_MB)`);
}
