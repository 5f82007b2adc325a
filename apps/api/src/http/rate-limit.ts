import { AppError } from '@penstock/domain';
import type { RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { ApiDependencies } from '../dependencies.js';
import { WINDOW_MS } from './rate-limit-store.js';
import { contextOf } from './request-context.js';

/** Limits the requests of each API key to so many a minute, over all processes. Public routes are not limited. */
export function createRateLimit({ rateLimitStore, settings }: ApiDependencies): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: settings.rateLimitPerMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    store: rateLimitStore,
    skip: (_request, response) => contextOf(response as Response).principal === undefined,
    keyGenerator: (_request, response) => String(contextOf(response as Response).principal?.key),
    handler: (_request, _response, next) => next(new AppError('TooManyRequests')),
    // Its checks are about IP addresses and cost a look at every request.
    validate: false,
  });
}
