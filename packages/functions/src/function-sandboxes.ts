import type { FunctionLanguage, FunctionProgram } from '@penstock/language';

/** Bounds of one function: for a batch, and for the thread that it runs in. */
export interface FunctionLimits {
  /** Longest time for one batch, in milliseconds of real time. */
  readonly batchTimeoutMs: number;
  /** Memory of the function's own heap, in bytes. */
  readonly memoryBytes: number;
}

/**
 * A running function. Batches are answered one after the other, in order. Contract: whatever the function does, `run` settles
 * within the time limit and a second, and the process lives. It rejects with AppError `FunctionFailed` (the whole function
 * cannot run: a syntax error, no `transform`), `FunctionTimeout` or `FunctionOutOfMemory`, with a text for the user that never
 * holds a record's values, and with the signal's reason when aborted; after that every further call rejects. `close` is
 * idempotent and never throws.
 */
export interface FunctionSandbox {
  /** Runs the function over an encoded batch and resolves with the encoded answer. */
  run(batch: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** The sandboxes of an installation. */
export interface FunctionSandboxes {
  readonly languages: readonly FunctionLanguage[];
  /** @throws AppError UnsupportedLanguage when the language is switched off here. */
  open(program: FunctionProgram): FunctionSandbox;
}
