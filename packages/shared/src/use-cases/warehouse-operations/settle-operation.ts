import { AppError, type ErrorDetail } from '@penstock/domain';
import type { ResolutionOutcome } from '@penstock/warehouses';
import { cutText } from '../../contracts/violations.js';
import { growingDelayMs } from '../growing-delay.js';
import type { OperationResult } from './execute-operation.js';
import type { AlterationRequest, ClaimedOperation } from './operation.js';

/** How an attempt at an operation ended. */
export type OperationEnd =
  | OperationResult
  /** It was told to let go, and did. */
  | { readonly kind: 'stopped'; readonly reason: 'shutdown' | 'mode' | 'lost' }
  | { readonly kind: 'threw'; readonly error: unknown };

/** What becomes of the operation. `abandon` means that somebody else owns it: nothing is written. */
export type OperationSettlement =
  | { readonly kind: 'succeed'; readonly outcome: ResolutionOutcome }
  | { readonly kind: 'adopt'; readonly request: AlterationRequest }
  | { readonly kind: 'abandon' }
  | { readonly kind: 'fail'; readonly error: string }
  | OperationHandBack;

export interface OperationHandBack {
  readonly kind: 'hand-back';
  readonly delayMs: number;
  /** What the next attempt waits for; null where nothing went wrong. */
  readonly error: string | null;
  readonly mayBeDone: boolean;
}

/** The warehouse is looked at again after this time when it was busy with another operation. */
const BUSY_DELAY_MS = 5_000;

/** Decides what becomes of an operation. */
export function settleOperation(operation: ClaimedOperation, end: OperationEnd): OperationSettlement {
  const { mayBeDone } = operation;
  switch (end.kind) {
    case 'resolved':
      return { kind: 'succeed', outcome: end.outcome };
    case 'altered':
      return { kind: 'adopt', request: end.request };
    case 'busy':
      return { kind: 'hand-back', delayMs: BUSY_DELAY_MS, error: null, mayBeDone };
    case 'stopped':
      if (end.reason === 'lost') return { kind: 'abandon' };
      return { kind: 'hand-back', delayMs: 0, error: null, mayBeDone: true };
    case 'threw':
      return settleThrown(operation, end.error);
  }
}

function settleThrown(operation: ClaimedOperation, error: unknown): OperationSettlement {
  const message = textOf(error);
  if (operation.kind === 'alteration' && isRefused(operation, error)) return { kind: 'fail', error: message };
  const mayBeDone = operation.mayBeDone || !isDefinite(error);
  return { kind: 'hand-back', delayMs: growingDelayMs(operation.attempts), error: message, mayBeDone };
}

/** What a user is told: the findings too, where there are some; an unexpected error is only in the log. */
function textOf(error: unknown): string {
  if (!(error instanceof AppError)) return new AppError('InternalError').message;
  const { message, details } = error;
  if (!Array.isArray(details) || details.length === 0) return cutText(message);
  return cutText(`${message}: ${details.map((detail: ErrorDetail) => `${detail.path} ${detail.message}`).join('; ')}`);
}

/**
 * Whether an alteration was refused for good. One that may have been applied by an earlier attempt is not given up because the
 * warehouse cannot be asked any more: the schema here and there would differ. That it does not fit says that it was not applied.
 */
function isRefused({ mayBeDone }: ClaimedOperation, error: unknown): boolean {
  if (!(error instanceof AppError) || error.retryable) return false;
  return error.code === 'InvalidAlterSchema' || !mayBeDone;
}

/** Whether an error says that nothing was done; one of the connection may hide that it was. */
function isDefinite(error: unknown): boolean {
  return error instanceof AppError && (!error.retryable || error.code === 'WarehouseConflict');
}
