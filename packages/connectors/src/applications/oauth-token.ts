import type { RateLimit } from './application-access.js';
import type { ApplicationAnswer, ApplicationCall, Authorization } from './application-client.js';
import { type ApplicationSide, refused } from './application-errors.js';

/** Client credentials of OAuth 2.0 (RFC 6749, 4.4). */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

export interface TokenContext {
  readonly side: ApplicationSide;
  readonly limit: RateLimit;
  /** Sends a call as it is. */
  readonly send: (call: ApplicationCall, headers: Readonly<Record<string, string>>) => Promise<ApplicationAnswer>;
}

interface Token {
  readonly value: string;
  /** On the monotonic clock. */
  readonly useUntilMs: number;
}

const SECONDS = 1_000;
/** A token is not used in its last minute, or where it lives shorter in the second half of its life. */
const MARGIN_MS = 60_000;
/** Of a token that does not say how long it lives. */
const USUAL_LIFE_S = 300;
const MAX_LIFE_S = 86_400;

/** Gets tokens and keeps the last one until shortly before its end; whoever needs one while it is got waits for the same. */
export function oauthAuthorization(credentials: ClientCredentials, context: TokenContext): Authorization {
  let token: Token | null = null;
  let pending: Promise<Token> | null = null;
  const renew = async (): Promise<Token> => {
    pending ??= requestToken(credentials, context).finally(() => {
      pending = null;
    });
    token = await pending;
    return token;
  };
  return {
    settings: 'clientId, clientSecret and scope',
    headers: async (_request, isFresh) => {
      const usable = token !== null && token.useUntilMs > performance.now() && !isFresh ? token : await renew();
      return { authorization: `Bearer ${usable.value}` };
    },
  };
}

async function requestToken(credentials: ClientCredentials, { side, limit, send }: TokenContext): Promise<Token> {
  const url = new URL(credentials.tokenUrl);
  const { scope } = credentials;
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
  const call = {
    method: 'POST',
    url,
    label: 'the request for a token',
    limit,
    canRepeat: true,
    body: form.toString(),
  } as const;
  const answer = await send(call, {
    authorization: `Basic ${basicCredentials(credentials)}`,
    'content-type': 'application/x-www-form-urlencoded',
  });
  const token = answer.isSuccess ? readToken(answer.json()) : null;
  if (token !== null) return token;
  const why = answer.isSuccess ? 'answered without a token' : `refused a token (status ${answer.status})`;
  throw refused(side, `${url.host} ${why}: check oauthUrl, clientId, clientSecret and scope`);
}

/** Both parts are form-encoded first, as RFC 6749 wants it. */
function basicCredentials({ clientId, clientSecret }: ClientCredentials): string {
  const encode = (text: string): string => new URLSearchParams({ t: text }).toString().slice('t='.length);
  return Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
}

function readToken(json: unknown): Token | null {
  if (typeof json !== 'object' || json === null) return null;
  const {
    access_token: value,
    expires_in: life,
    token_type: type = 'bearer',
  } = json as Readonly<Record<string, unknown>>;
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value) || String(type).toLowerCase() !== 'bearer')
    return null;
  const seconds = Number(life ?? USUAL_LIFE_S);
  const lifeMs = Math.min(seconds > 0 ? seconds : USUAL_LIFE_S, MAX_LIFE_S) * SECONDS;
  return { value, useUntilMs: performance.now() + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) };
}
