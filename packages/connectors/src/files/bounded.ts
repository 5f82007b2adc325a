import { invalidFile } from './file-errors.js';

const MIB = 1024 * 1024;

/** What is bounded: a file as it is stored, or what it becomes. */
export type SizeOf = 'stored' | 'decompressed';

/** What ends content that is too long: {@link tooLarge} or {@link tooLargeToCopy}. */
export type Refusal = (maxBytes: number, of: SizeOf) => Error;

export interface Bound {
  readonly maxBytes: number;
  readonly of: SizeOf;
  readonly refusal: Refusal;
}

/** Passes bytes on, and ends with AppError `InvalidFile` before more than `maxBytes` of them have been. */
export async function* bounded(
  content: AsyncIterable<Uint8Array>,
  { maxBytes, of, refusal }: Bound,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refusal(maxBytes, of);
    yield chunk;
  }
}

export function tooLarge(maxBytes: number, of: SizeOf): Error {
  return invalidFile(`${isLarger(maxBytes, of)}, which this installation allows at most (MAX_FILE_MB)`);
}

export function tooLargeToCopy(maxBytes: number, of: SizeOf): Error {
  return invalidFile(`${isLarger(maxBytes, of)}, which is the most that a preview copies: a run reads it all the same`);
}

function isLarger(maxBytes: number, of: SizeOf): string {
  const size = `${Math.floor((maxBytes / MIB) * 100) / 100} MiB`;
  return `is larger than ${size}${of === 'decompressed' ? ' when decompressed' : ''}`;
}
