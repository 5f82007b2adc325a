import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Principal } from './authenticate.js';

const SANE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** What is known of a request while it is answered. */
export interface RequestContext {
  /** In the header Request-Id, in error bodies and in the log. */
  readonly requestId: string;
  /** Path pattern of the route, for logs and metrics; undefined while none has matched. */
  route?: string;
  principal?: Principal;
}

/** Gives every request its context and its Request-Id. */
export function beginRequest(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['request-id'];
  const requestId = typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
  response.setHeader('Request-Id', requestId);
  response.setHeader('Cache-Control', 'no-store');
  response.locals.context = { requestId } satisfies RequestContext;
  next();
}

export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}
