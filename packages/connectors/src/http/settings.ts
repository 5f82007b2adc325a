import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { certificates, SECRET, settingText } from '../settings.js';

const MAX_HEADERS = 50;

/** Headers that the transfer itself needs, and those that belong to a single connection. */
const RESERVED_HEADERS = new Set([
  ...[
    'accept-encoding',
    'connection',
    'content-encoding',
    'content-length',
    'content-type',
    'expect',
    'host',
    'http2-settings',
  ],
  ...[
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'keep-alive',
    'proxy-connection',
  ],
  ...['proxy-authorization', 'range', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/** Name of a header that a user chooses. */
export const headerName = settingText(100)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of an HTTP header')
  .refine((key) => !RESERVED_HEADERS.has(key.toLowerCase()), 'must not be a header that the transfer itself sets');

/** A header that a user chooses. */
export const requestHeader = z.strictObject({
  key: headerName.meta({ description: 'Name of the header.' }),
  value: settingText(10_000)
    .regex(/^[\t\x20-\x7e\x80-\xff]+$/, 'must be a header value: no line breaks, and no characters beyond Latin-1')
    .meta({ description: 'Value of the header.', ...SECRET }),
});

/** What a web server is reached with, whatever is done there. */
export const httpMembers = {
  host: settingText(253)
    .refine(isHost, 'must be a host name or an IP address, without scheme, port and path')
    .meta({ description: 'Host name or IP address of the server.' }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ description: 'TCP port of the server. When it is not given: 443, or 80 without tls.' }),
  tls: z.boolean().default(true).meta({
    description:
      'Whether files are read by https. Without it everything, headers too, can be seen and changed on the way.',
  }),
  headers: z
    .array(requestHeader)
    .max(MAX_HEADERS)
    .default([])
    .meta({
      description:
        'Headers to send with every request, for example Authorization. Other servers that the host redirects to do not get them.',
      ...SECRET,
    }),
  ca: certificates('PEM certificates of the authorities to trust for host, instead of the well-known ones.'),
};

/** Rule of the settings, and what is said of it. */
export const needsTlsForCa = [
  ({ tls, ca }: { readonly tls: boolean; readonly ca?: string | undefined }): boolean => ca === undefined || tls,
  { path: ['ca'], message: 'is used with tls only' },
] as const satisfies readonly [unknown, { path: string[]; message: string }];

export const httpSettings = z.strictObject(httpMembers).refine(...needsTlsForCa);

export type HttpSettings = z.output<typeof httpSettings>;

/** Where requests go: `https://host[:port]`, as URLs have it. */
export function originOf(settings: HttpSettings): string {
  const { tls, port } = settings;
  return new URL(`${tls ? 'https' : 'http'}://${urlHost(settings.host)}${port === undefined ? '' : `:${port}`}`).origin;
}

function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function isHost(host: string): boolean {
  if (isIPv6(host)) return !host.includes('%');
  const ipv6 = host.startsWith('[') && isIPv6(host.slice(1, -1));
  // Those have a meaning of their own in a URL.
  if (!ipv6 && /[\s:/?#@\\%[\]]/.test(host)) return false;
  return URL.canParse(`https://${host}/`);
}
