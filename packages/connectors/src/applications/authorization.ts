import { createHmac } from 'node:crypto';
import type { Authorization, AuthorizedRequest } from './application-client.js';

/** A header that never changes. */
export function fixedAuthorization(headers: Readonly<Record<string, string>>, settings: string): Authorization {
  return { settings, headers: async (_request, isFresh) => (isFresh ? null : headers) };
}

export interface Signing {
  readonly secret: string;
  readonly header: string;
}

/**
 * Signs requests, in addition to what another authorization says. The time is in what is signed, so that nobody can send it again later; method and
 * address are, so that nobody can send it elsewhere.
 */
export function signed(inner: Authorization, { secret, header }: Signing): Authorization {
  return {
    settings: `${inner.settings} and signingSecret`,
    headers: async (request, isFresh) => {
      const headers = await inner.headers(request, isFresh);
      return headers === null ? null : { ...headers, [header]: signatureOf(request, secret) };
    },
  };
}

function signatureOf({ method, url, body }: AuthorizedRequest, secret: string): string {
  const MILLISECONDS = 1_000;
  const time = Math.floor(Date.now() / MILLISECONDS);
  const text = `${time}.${method}.${url.pathname}${url.search}.${body}`;
  return `t=${time},v1=${createHmac('sha256', secret).update(text).digest('hex')}`;
}
