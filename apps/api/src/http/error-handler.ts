import { AppError, ERRORS } from '@penstock/domain';
import type { ErrorBody } from '@penstock/shared/contracts';
import type { Logger } from '@penstock/shared/platform';
import type { NextFunction, Request, Response } from 'express';
import { contextOf } from './request-context.js';
import { sendJson } from './send-json.js';
import { isUnavailable } from './unavailable.js';

/** Turns whatever was thrown into the answer. The only place that knows statuses. */
export function createErrorHandler(logger: Logger) {
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    if (isClientGone(thrown, request)) return;
    const error = toAppError(thrown);
    const { status } = ERRORS[error.code];
    const { requestId, route } = contextOf(response);
    const facts = { requestId, method: request.method, route, status };
    if (status >= 500) logger.error('request failed', { ...facts, error: thrown });
    // The logger does half its work before it looks at the level.
    else if (logger.isDebugEnabled()) logger.debug('request refused', { ...facts, code: error.code });
    // Half an answer cannot be mended; a cut connection is how the client learns of it.
    if (response.headersSent) response.destroy();
    else answer(response, error, requestId);
  };
}

/** The client left while it was still sending, or while something was done for it: there is nobody to answer. */
function isClientGone(thrown: unknown, request: Request): boolean {
  const aborted = thrown instanceof DOMException && thrown.name === 'AbortError';
  return aborted || (request.destroyed && !request.complete);
}

function answer(response: Response, error: AppError, requestId: string): void {
  const { status } = ERRORS[error.code];
  if (error.code === 'Unauthorized' && !response.hasHeader('WWW-Authenticate')) {
    response.setHeader('WWW-Authenticate', 'Bearer');
  }
  if (error.code === 'IdempotencyKeyInFlight') response.setHeader('Retry-After', '1');
  const { code, message, details } = error;
  const body = { error: { code, message, requestId, ...(details && { details }) } } as ErrorBody;
  sendJson(response, status, body);
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  // What the router itself refuses, such as a path that is not valid percent-encoding.
  if (thrown instanceof URIError) return new AppError('BadRequest', { message: 'path is not valid' });
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new AppError('ServiceUnavailable', {
      message: 'the answer was not ready in time: what it needs is slow or busy; ask for less, or try again',
      cause: thrown,
    });
  }
  if (isUnavailable(thrown)) return new AppError('ServiceUnavailable', { cause: thrown });
  return new AppError('InternalError', { cause: thrown });
}
