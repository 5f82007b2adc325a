import type { ConnectionOptions } from 'node:tls';
import type { PostgresqlSettings } from './settings.js';

/** How TLS is spoken; undefined when it is not. */
export function tlsOptions({ tls, ca }: PostgresqlSettings): ConnectionOptions | undefined {
  if (tls === 'disable') return undefined;
  if (tls === 'require') return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
}
