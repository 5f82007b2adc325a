import { createHash } from 'node:crypto';
import { AppError } from '@penstock/domain';
import {
  claimIdempotencyKey,
  type IdempotencyClaim,
  releaseIdempotencyKey,
  storeIdempotentAnswer,
} from '@penstock/shared/repositories';
import type { Request, Response } from 'express';
import type { ApiDependencies } from '../dependencies.js';
import type { Principal } from './authenticate.js';
import type { RequestBody } from './read-body.js';
import type { Route } from './route.js';

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly route: Route;
  readonly body: RequestBody;
  readonly principal: Principal | undefined;
}

/**
 * Performs a request, or answers as the first request with the same Idempotency-Key was answered. The key is claimed before
 * anything is done; the answer is stored in the transaction of what it is about, so that both exist or neither. An error is
 * not stored: it did nothing, and the next request with the key may succeed.
 */
export async function answerOnce(
  { database }: ApiDependencies,
  exchange: Exchange,
  perform: (claim: IdempotencyClaim | undefined) => Promise<unknown>,
): Promise<unknown> {
  const { route, principal, response } = exchange;
  const key = exchange.request.headers['idempotency-key'];
  if (!route.idempotent || principal === undefined || key === undefined) return perform(undefined);
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('BadRequest', { message: 'header Idempotency-Key must be 1..255 printable ASCII characters' });
  }
  const outcome = await claimIdempotencyKey(database.pool, {
    apiKeyId: principal.key,
    key,
    requestHash: hash(exchange),
  });
  if (outcome.kind === 'reused') throw new AppError('IdempotencyKeyReused');
  if (outcome.kind === 'in-flight') throw new AppError('IdempotencyKeyInFlight');
  if (outcome.kind === 'answered') {
    response.setHeader('Idempotency-Replayed', 'true');
    return outcome.body;
  }
  return performClaimed(database, outcome.claim, perform);
}

async function performClaimed(
  database: ApiDependencies['database'],
  claim: IdempotencyClaim,
  perform: (claim: IdempotencyClaim) => Promise<unknown>,
): Promise<unknown> {
  try {
    const answer = await perform(claim);
    // Where the use case could not store it with its effect.
    if (!claim.stored) await storeIdempotentAnswer(database.pool, claim, answer ?? null);
    return answer;
  } catch (error) {
    await releaseIdempotencyKey(database.pool, claim).catch(() => undefined);
    throw error;
  }
}

/** What must be the same for the same key: the endpoint, the workspace and the body. */
function hash({ request, route, body, principal }: Exchange): Buffer {
  const target = `${route.method} ${request.originalUrl} ${principal?.workspace ?? ''}\n`;
  return createHash('sha256').update(target).update(body.text).digest();
}
