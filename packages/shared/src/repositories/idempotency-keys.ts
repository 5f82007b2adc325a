import type pg from 'pg';
import type { Prisma } from '../generated/prisma/client.js';

/** A claim that was not answered within this time belonged to a process that died: its transaction came to nothing. */
const LEASE = '60 seconds';
const KEPT = '24 hours';
const MAX_ROUNDS = 3;

/** The right to answer the first request with a key. `claimedAt` marks it: a claim that was taken over cannot store. */
export interface IdempotencyClaim {
  readonly apiKeyId: number;
  readonly key: string;
  readonly claimedAt: Date;
  /** Whether the answer was stored, by whoever did the work. */
  stored: boolean;
}

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly claim: IdempotencyClaim }
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'reused' };

interface ClaimRequest {
  readonly apiKeyId: number;
  readonly key: string;
  readonly requestHash: Buffer;
}

const CLAIM = `
  INSERT INTO idempotency_keys AS k (api_key_id, key, request_hash) VALUES ($1, $2, $3)
  ON CONFLICT (api_key_id, key) DO UPDATE
    SET request_hash = excluded.request_hash, status = NULL, body = NULL, created_at = excluded.created_at
    WHERE k.created_at < now() - interval '${KEPT}' OR (k.status IS NULL AND k.created_at < now() - interval '${LEASE}')
  RETURNING created_at AS "claimedAt"`;

const LOOK = `SELECT request_hash = $3 AS same, status, body FROM idempotency_keys WHERE api_key_id = $1 AND key = $2`;

/** Claims a key, or says what became of the request that claimed it. Committed at once, for others to see. */
export async function claimIdempotencyKey(pool: pg.Pool, request: ClaimRequest): Promise<ClaimOutcome> {
  const { apiKeyId, key, requestHash } = request;
  const values = [apiKeyId, key, requestHash];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const claimed = await pool.query<{ claimedAt: Date }>({ name: 'claim-idempotency-key', text: CLAIM, values });
    const [row] = claimed.rows;
    if (row) return { kind: 'claimed', claim: { apiKeyId, key, claimedAt: row.claimedAt, stored: false } };
    const { rows } = await pool.query<{ same: boolean; status: number | null; body: unknown }>(LOOK, values);
    const [found] = rows;
    // Released in between: try again.
    if (found === undefined) continue;
    if (!found.same) return { kind: 'reused' };
    return found.status === null ? { kind: 'in-flight' } : { kind: 'answered', body: found.body };
  }
  return { kind: 'in-flight' };
}

const STORE = `
  UPDATE idempotency_keys SET status = 200, body = $4
  WHERE api_key_id = $1 AND key = $2 AND created_at = $3 AND status IS NULL`;

/** Stores the answer, on the connection whose transaction holds what it is about. @throws Error when the claim was lost. */
export async function storeIdempotentAnswer(
  client: pg.Pool | pg.PoolClient,
  claim: IdempotencyClaim,
  body: unknown,
): Promise<void> {
  const { rowCount } = await client.query(STORE, [claim.apiKeyId, claim.key, claim.claimedAt, JSON.stringify(body)]);
  confirm(claim, rowCount);
}

/** As {@link storeIdempotentAnswer}, in a transaction of Prisma. */
export async function storeIdempotentAnswerWith(
  transaction: Prisma.TransactionClient,
  claim: IdempotencyClaim | undefined,
  body: Prisma.InputJsonValue,
): Promise<void> {
  if (claim === undefined) return;
  const { apiKeyId, key, claimedAt } = claim;
  const { count } = await transaction.idempotencyKey.updateMany({
    where: { apiKeyId, key, createdAt: claimedAt, status: null },
    data: { status: 200, body },
  });
  confirm(claim, count);
}

/** Frees a key whose request did nothing; one whose answer is stored stays. */
export async function releaseIdempotencyKey(pool: pg.Pool, claim: IdempotencyClaim): Promise<void> {
  await pool.query(
    'DELETE FROM idempotency_keys WHERE api_key_id = $1 AND key = $2 AND created_at = $3 AND status IS NULL',
    [claim.apiKeyId, claim.key, claim.claimedAt],
  );
}

function confirm(claim: IdempotencyClaim, rows: number | null): void {
  if (rows !== 1) throw new Error('the claim of the Idempotency-Key was taken over by another request');
  claim.stored = true;
}
