import { AppError, type ErrorCode, StepError } from './errors.js';
import type { Step } from './steps.js';

/** A run that keeps losing its worker is given up after this many lost attempts. */
export const MAX_LOST_ATTEMPTS = 3;

/** How an attempt ended, before it is decided what becomes of the run. */
export type AttemptEnd =
  | { readonly kind: 'published' }
  | { readonly kind: 'stopped'; readonly reason: 'shutdown' | 'cancelled' | 'lost' }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'gave-up'; readonly error: RunError };

/** What becomes of the run. `abandon` means that somebody else owns it: nothing is written. */
export type Settlement =
  | { readonly kind: 'succeed' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'abandon' }
  | { readonly kind: 'hand-back' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly error: RunError }
  | { readonly kind: 'fail'; readonly error: RunError };

/** The error of a run as its user sees it. */
export interface RunError {
  readonly code: ErrorCode;
  readonly step: Step;
  readonly message: string;
}

/**
 * Decides what becomes of a run: the only place where retries are decided.
 * `retries` counts the retries that the run has had; `delaysMs` has one delay for each that it may have.
 */
export function settleRun(end: AttemptEnd, retries: number, delaysMs: readonly number[]): Settlement {
  switch (end.kind) {
    case 'published':
      return { kind: 'succeed' };
    case 'stopped':
      return settleStopped(end.reason);
    case 'threw':
      return settleThrown(end.error, delaysMs[retries]);
    case 'gave-up':
      return { kind: 'fail', error: end.error };
  }
}

function settleStopped(reason: 'shutdown' | 'cancelled' | 'lost'): Settlement {
  switch (reason) {
    case 'shutdown':
      return { kind: 'hand-back' };
    case 'cancelled':
      return { kind: 'cancel' };
    case 'lost':
      return { kind: 'abandon' };
  }
}

function settleThrown(thrown: unknown, delayMs: number | undefined): Settlement {
  const error = toRunError(thrown);
  const retryable = thrown instanceof AppError && thrown.retryable;
  return retryable && delayMs !== undefined ? { kind: 'retry', delayMs, error } : { kind: 'fail', error };
}

/** The user's view of whatever ended an attempt: an unexpected error becomes a generic text, its chain goes to the log. */
export function toRunError(thrown: unknown): RunError {
  if (thrown instanceof StepError) return { code: thrown.code, step: thrown.step, message: thrown.message };
  if (thrown instanceof AppError) return { code: thrown.code, step: 'Receive', message: thrown.message };
  return { code: 'InternalError', step: 'Receive', message: new AppError('InternalError').message };
}
