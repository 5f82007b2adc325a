import { AppError } from '@penstock/domain';
import { type ExchangeOptions, HttpExchange, type HttpRequest } from './exchange.js';
import { shownUrl } from './file-url.js';
import { requestHeaders } from './request-headers.js';
import type { HttpSettings } from './settings.js';

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A request whose answer may be somewhere else. */
export interface RedirectableRequest {
  readonly url: URL;
  /** Names and values in turn; sent wherever the answer is. */
  readonly headers: readonly string[];
  /** The user's: sent to the first origin only, and never again once that was left. */
  readonly ownHeaders: HttpSettings['headers'];
  /** Authorities to trust for the first origin. */
  readonly ca?: string | undefined;
}

/** Gets what is at a URL, or at the place that the server says it is. Throws as `HttpExchange.start`. */
export async function followRedirects(request: RedirectableRequest, options: ExchangeOptions): Promise<HttpExchange> {
  let url = request.url;
  let atHome = true;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    atHome &&= url.origin === request.url.origin;
    const exchange = await HttpExchange.start(requestTo(url, request, atHome), options);
    if (!REDIRECTS.has(exchange.response.statusCode)) return exchange;
    await exchange.end();
    url = targetOf(exchange);
  }
  throw refused(
    `${shownUrl(request.url)} is redirected more than ${MAX_REDIRECTS} times, the last time to ${url.host}: check path`,
  );
}

function requestTo(url: URL, { headers, ownHeaders, ca }: RedirectableRequest, atHome: boolean): HttpRequest {
  const all = [...headers, ...requestHeaders(atHome ? ownHeaders : [])];
  return { method: 'GET', url, headers: all, ca: atHome ? ca : undefined };
}

/** Where a redirect leads. Its own text is not shown: it may be a signed URL. */
function targetOf(exchange: HttpExchange): URL {
  const { url } = exchange;
  const location = exchange.header('location');
  if (location === null || !URL.canParse(location, url.href)) {
    throw refused(`${shownUrl(url)} is redirected, but the server does not say where to: check path`);
  }
  const target = new URL(location, url);
  if (target.protocol === 'https:' || (target.protocol === 'http:' && url.protocol === 'http:')) return target;
  if (target.protocol === 'http:') {
    throw refused(
      `${shownUrl(url)} is redirected from https to http at ${target.host}, which is not followed: check path`,
    );
  }
  throw refused(`${shownUrl(url)} is redirected to something else than http or https: check path`);
}

function refused(message: string): AppError {
  return new AppError('SourceRefused', { message });
}
