import { AppError } from '@penstock/domain';
import type { FunctionLimits } from './function-sandboxes.js';
import type { ThreadEnd } from './thread-messages.js';

const BYTES_PER_MB = 1024 * 1024;

/** The error that a function ended with. `message` is the function's own, of FunctionFailed. */
export function functionEnd(code: ThreadEnd, limits: FunctionLimits, message: string): AppError {
  switch (code) {
    case 'FunctionFailed':
      return new AppError('FunctionFailed', { message });
    case 'FunctionTimeout':
      return timeout(limits);
    case 'FunctionOutOfMemory':
      return outOfMemory(limits);
  }
}

export function timeout({ batchTimeoutMs }: FunctionLimits): AppError {
  const text = `the transformation function takes more than ${batchTimeoutMs / 1000} s for a batch of records`;
  return new AppError('FunctionTimeout', { message: `${text}; let it do less for each record` });
}

export function outOfMemory({ memoryBytes }: FunctionLimits): AppError {
  const text = `the transformation function uses more than ${Math.round(memoryBytes / BYTES_PER_MB)} MB of memory`;
  return new AppError('FunctionOutOfMemory', { message: `${text}; let it keep less` });
}

/** What a function makes of a batch is bounded, as the batch is. */
export function answerTooLong(maxLength: number): AppError {
  const text = `the transformation function makes more than ${maxLength / 1024 / 1024} million characters of one batch`;
  return new AppError('FunctionFailed', { message: `${text} of records; let it return less` });
}

/** The thread died of an error that is not the user's text, such as one of the interpreter itself. */
export function threadDied(cause: unknown, limits: FunctionLimits): AppError {
  const isMemory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (isMemory) return outOfMemory(limits);
  return new AppError('FunctionFailed', { message: 'the transformation function broke its interpreter', cause });
}
