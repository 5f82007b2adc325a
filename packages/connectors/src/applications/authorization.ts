import { createHmac } from 'node:crypto';
import type { Authorization } from './application-client.js';

/** A header that never changes. */
export function fixedAuthorization(headers: Readonly<Record<string, string>>, settings: string): Authorization {
  return { settings, headers: async (_body, isFresh) => (isFresh ? null : headers) };
}

export interface Signing {
  readonly secret: string;
  readonly header: string;
}

/** Signs bodies, in addition to what another authorization says. The time is in what is signed, so that nobody can send it again later. */
export function signed(inner: Authorization, { secret, header }: Signing): Authorization {
  return {
    settings: `${inner.settings} and signingSecret`,
    headers: async (body, isFresh) => {
      const headers = await inner.headers(body, isFresh);
      return headers === null ? null : { ...headers, [header]: signatureOf(body, secret) };
    },
  };
}

function signatureOf(body: string, secret: string): string {
  const MILLISECONDS = 1_000;
  const time = Math.floor(Date.now() / MILLISECONDS);
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
}
