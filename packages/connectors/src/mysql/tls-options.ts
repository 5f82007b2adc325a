import type { SslOptions } from 'mysql2';
import type { MysqlSettings } from './settings.js';

/** How TLS is spoken; undefined when it is not. */
export function tlsOptions({ tls, ca }: MysqlSettings): SslOptions | undefined {
  if (tls === 'disable') return undefined;
  if (tls === 'require') return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, verifyIdentity: true, ...(ca === undefined ? {} : { ca }) };
}
